namespace Prometheus.Grid.Numerics;

/// <summary>A seeded stream of numbers (Steele, Lea and Flood 2014) that is the same in every version of .NET, as <see cref="Random"/> is not bound to be.</summary>
/// <param name="seed">Any number; equal seeds give equal streams.</param>
public struct SplitMix64(ulong seed)
{
    /// <summary>2⁶⁴ over the golden ratio: the distance between two states, and a good one between two seeds.</summary>
    public const ulong Increment = 0x9E3779B97F4A7C15;

    private ulong _state = seed;

    /// <summary>64 uniform bits.</summary>
    public ulong Next() => Mix(_state += Increment);

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, count), up to a bias of count / 2³².</summary>
    /// <param name="count">At least 1.</param>
    public int NextIndex(int count) => (int)((Next() >> 32) * (ulong)count >> 32);

    /// <summary>The finalizer: a bijection of 64 bits after which each bit depends on all; a hash of one number.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
