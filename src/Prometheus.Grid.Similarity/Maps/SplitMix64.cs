namespace Prometheus.Grid.Similarity.Maps;

/// <summary>A seeded stream of numbers (Steele, Lea and Flood 2014) that is the same in every version of .NET, as <see cref="Random"/> is not bound to be.</summary>
internal struct SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, count), up to a bias of count / 2³².</summary>
    public int NextIndex(int count) => (int)((Next() >> 32) * (ulong)count >> 32);
}
