namespace Prometheus.Grid.Synthetic;

/// <summary>Exposures to the four style factors, each about standard normal.</summary>
internal readonly record struct Styles(double Value, double Momentum, double Size, double Quality);

/// <summary>A company: who it is and how its shares react. Drawn from the seed and its number alone.</summary>
internal sealed record Company
{
    /// <summary>Number in drawing order, from 0.</summary>
    public required int Index { get; init; }
    public required string IssuerId { get; init; }
    public required string Symbol { get; init; }
    public required string Name { get; init; }
    public required Market Market { get; init; }
    public required Industry Industry { get; init; }
    public required int IndustryIndex { get; init; }
    public required string Country { get; init; }
    public required string City { get; init; }
    public required int Founded { get; init; }

    public required double Beta { get; init; }
    public required double SectorBeta { get; init; }
    public required double IndustryBeta { get; init; }
    public required Styles Styles { get; init; }

    /// <summary>Standard deviation of the company's own daily log return.</summary>
    public required double OwnVolatility { get; init; }

    /// <summary>Typical number of shares traded a day.</summary>
    public required double UsualVolume { get; init; }
    public required double FirstPrice { get; init; }

    /// <summary>Dividend a year as a part of the price, paid in quarters; 0 for a company that pays none.</summary>
    public required double Yield { get; init; }

    /// <summary>First and last place on the time axis at which the shares trade.</summary>
    public required int ListedFrom { get; init; }
    public required int ListedUntil { get; init; }
    public required bool IsActive { get; init; }

    /// <summary>A second class of shares moves with the first; one company in forty has it.</summary>
    public required bool HasSecondClass { get; init; }

    /// <summary>False for one company in a hundred: its texts have not been collected.</summary>
    public required bool HasProfile { get; init; }

    public string InstrumentId => $"{Symbol}.{Market.Suffix}";

    // 'B' sorts after '.', so the first class stays the ordinally smallest instrument of the issuer.
    public string SecondInstrumentId => $"{Symbol}B.{Market.Suffix}";

    /// <summary>Turnover a day in dollars: how large and liquid the company is.</summary>
    public double UsualTurnover => UsualVolume * FirstPrice / Market.PriceUnit;

    /// <summary>Draws the company with a number.</summary>
    /// <param name="options">Seed and size of the market.</param>
    /// <param name="index">Its number, 0 … issuers − 1.</param>
    /// <param name="days">Length of the time axis in weekdays.</param>
    public static Company Draw(SyntheticMarketOptions options, int index, int days)
    {
        var random = new RandomStream(options.Seed, Purpose.Company, index);
        var market = PickMarket(random.NextUniform());
        int industryIndex = random.NextIndex(Taxonomy.Industries.Length);
        var industry = Taxonomy.Industries[industryIndex];
        var place = random.Pick(market.Places);
        double size = random.NextNormal();
        string symbol = SymbolOf(index);
        // One in sixteen is young; one in two hundred has left the exchange.
        int listedFrom = random.Chance(1.0 / 16) ? random.NextIndex(days) : 0;
        bool isActive = !random.Chance(1.0 / 200);
        return new Company
        {
            Index = index,
            IssuerId = $"ISS_{symbol}",
            Symbol = symbol,
            Name = CompanyName.Draw(ref random, industry, market),
            Market = market,
            Industry = industry,
            IndustryIndex = industryIndex,
            Country = place.Country,
            City = place.City,
            Founded = 2015 - (int)(120 * Math.Pow(random.NextUniform(), 2)),
            Beta = Math.Max(0.1, industry.Beta + (0.2 * random.NextNormal())),
            SectorBeta = Math.Max(0.2, 1 + (0.25 * random.NextNormal())),
            IndustryBeta = Math.Max(0.2, 1 + (0.25 * random.NextNormal())),
            Styles = new Styles(random.NextNormal(), random.NextNormal(), size, random.NextNormal()),
            OwnVolatility = 0.012 * industry.Volatility * Math.Exp((0.25 * random.NextNormal()) - (0.15 * size)),
            UsualVolume = Math.Exp(13 + (0.9 * size) + (0.5 * random.NextNormal())),
            FirstPrice = market.PriceUnit * Math.Exp(3.6 + (0.8 * random.NextNormal())),
            Yield = random.Chance(industry.Yield > 0 ? 0.8 : 0) ? industry.Yield * random.NextBetween(0.5, 1.5) : 0,
            ListedFrom = listedFrom,
            ListedUntil = isActive ? days - 1 : listedFrom + random.NextIndex(days - listedFrom),
            IsActive = isActive,
            HasSecondClass = random.Chance(1.0 / 40),
            HasProfile = !random.Chance(1.0 / 100),
        };
    }

    private static Market PickMarket(double u)
    {
        foreach (var market in Market.All)
            if ((u -= market.Share) < 0)
                return market;
        return Market.All[^1];
    }

    // A bijection on four letters (the factor is odd and no multiple of 13), so that symbols are unique and look mixed.
    private static string SymbolOf(int index)
    {
        const int count = 26 * 26 * 26 * 26;
        int code = (int)(((index * 190_537L) + 77_773) % count);
        return string.Create(4, code, static (letters, rest) =>
        {
            for (int i = 3; i >= 0; i--, rest /= 26)
                letters[i] = (char)('A' + (rest % 26));
        });
    }
}
