namespace Prometheus.Grid.Synthetic;

/// <summary>A holding: the place of a share among the investable ones, and its part of the portfolio's value (negative when sold short).</summary>
internal readonly record struct Position(int Share, double Weight);

/// <summary>A made-up fund: a style, a size, and the positions that it takes on a date.</summary>
internal sealed class Portfolio
{
    private readonly ulong _seed;
    private readonly int _index, _names;

    public string Id { get; }
    public PortfolioStyle Style { get; }
    public double Value { get; }

    /// <summary>Part of the value that is not invested.</summary>
    public double Cash { get; }

    public Portfolio(ulong seed, int index)
    {
        (_seed, _index) = (seed, index);
        var random = new RandomStream(seed, Purpose.Portfolio, index);
        Style = PortfolioStyle.All[index % PortfolioStyle.All.Length];
        Id = $"PF_{index + 1:D6}";
        Value = Math.Round(Math.Exp(17 + (1.2 * random.NextNormal())), 2);
        Cash = Math.Round(random.NextBetween(0.01, 0.08), 2);
        _names = Math.Max(5, (int)(Style.Names * random.NextBetween(0.7, 1.3)));
    }

    /// <summary>
    /// The positions on a date. A manager's taste for single shares is drawn once, so holdings last from date to date and change
    /// as the characteristics do.
    /// </summary>
    public Position[] PositionsOn(IReadOnlyList<Investable> shares, Characteristics characteristics)
    {
        var taste = new RandomStream(_seed ^ 0x5EED, Purpose.Portfolio, _index);
        var ranked = new (double Score, double Appetite, int Share)[shares.Count];
        for (int i = 0; i < ranked.Length; i++)
            ranked[i] = (Style.Score(characteristics, i) + taste.NextNormal(), Math.Exp(0.4 * taste.NextNormal()), i);
        Array.Sort(ranked, static (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Share.CompareTo(b.Share));
        int count = Math.Min(_names, shares.Count);
        if (Style.IsLongShort)
            return [.. Weighted(ranked[..(count / 2)], shares, 0.9), .. Weighted(ranked[^(count / 2)..], shares, -0.7)];
        if (Style.Sector is null)
            return Weighted(ranked[..count], shares, 1 - Cash);
        var inside = ranked.Where(r => shares[r.Share].Company.Industry.Sector == Style.Sector).Take((int)(0.7 * count)).ToArray();
        var outside = ranked.Where(r => shares[r.Share].Company.Industry.Sector != Style.Sector).Take(count - inside.Length).ToArray();
        return Weighted([.. inside, .. outside], shares, 1 - Cash);
    }

    private Position[] Weighted((double Score, double Appetite, int Share)[] chosen, IReadOnlyList<Investable> shares, double exposure)
    {
        double[] raw = chosen.Select(c => c.Appetite * (Style.ByTurnover ? Math.Sqrt(shares[c.Share].Company.UsualTurnover) : 1)).ToArray();
        double total = Statistics.Sum(raw);
        return [.. chosen.Zip(raw, (c, weight) => new Position(c.Share, Math.Round(exposure * weight / total, 8)))];
    }
}
