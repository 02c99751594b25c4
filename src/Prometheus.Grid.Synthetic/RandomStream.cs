using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Synthetic;

/// <summary>What a random stream is for; keeps the draws of one purpose apart from those of another.</summary>
internal enum Purpose
{
    Company = 1,
    Factors,
    Prices,
    Text,
    Portfolio,
}

/// <summary>
/// A stream of numbers that depends on (seed, purpose, index) only, so that companies can be drawn in any order and on any
/// number of threads with the same outcome.
/// </summary>
internal struct RandomStream
{
    private SplitMix64 _bits;

    public RandomStream(ulong seed, Purpose purpose, int index)
    {
        ulong ofPurpose = SplitMix64.Mix(seed + (SplitMix64.Increment * (ulong)purpose));
        _bits = new SplitMix64(SplitMix64.Mix(ofPurpose + (SplitMix64.Increment * ((ulong)index + 1))));
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextBits() => _bits.Next();

    /// <summary>Uniform in (0, 1): never 0, so that its logarithm is finite.</summary>
    public double NextUniform() => ((NextBits() >> 11) + 0.5) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double NextBetween(double low, double high) => low + ((high - low) * NextUniform());

    /// <summary>Uniform in 0 … count − 1.</summary>
    public int NextIndex(int count) => (int)(NextUniform() * count);

    /// <summary>One of the items, each as likely as the other.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[NextIndex(items.Count)];

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => NextUniform() < probability;

    /// <summary>Standard normal (Box and Muller 1958).</summary>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(NextUniform())) * Math.Cos(2 * Math.PI * NextUniform());

    /// <summary>Student's t with 5 degrees of freedom, scaled to unit variance: the fat tails of daily returns (Bailey 1994).</summary>
    public double NextFatTailed()
    {
        const double freedom = 5;
        double t = Math.Sqrt(freedom * (Math.Pow(NextUniform(), -2 / freedom) - 1)) * Math.Cos(2 * Math.PI * NextUniform());
        return t * Math.Sqrt((freedom - 2) / freedom);
    }
}
