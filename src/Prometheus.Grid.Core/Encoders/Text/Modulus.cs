namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>
/// Remainders by one divisor without dividing (Lemire, Kaser and Kurz 2019, "Faster remainder by direct computation", with 128 fractional
/// bits for 64-bit numbers). A division costs about 40 cycles, and hashing a text takes one a feature.
/// </summary>
internal readonly struct Modulus
{
    private readonly ulong _divisor;

    // 2^128 / divisor, rounded up. In two halves, because UInt128 is not compiled ahead of time.
    private readonly ulong _high;
    private readonly ulong _low;

    /// <param name="divisor">At least 1.</param>
    public Modulus(uint divisor)
    {
        UInt128 inverse = unchecked((UInt128.MaxValue / divisor) + 1);
        (_divisor, _high, _low) = (divisor, (ulong)(inverse >> 64), (ulong)inverse);
    }

    /// <summary><paramref name="value"/> mod divisor.</summary>
    public ulong Of(ulong value)
    {
        ulong high = unchecked((_high * value) + Math.BigMul(_low, value, out ulong low));
        ulong carry = Math.BigMul(low, _divisor, out _);
        ulong remainder = Math.BigMul(high, _divisor, out ulong rest);
        return remainder + (rest > ulong.MaxValue - carry ? 1UL : 0);
    }
}
