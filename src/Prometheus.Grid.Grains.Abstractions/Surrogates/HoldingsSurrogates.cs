using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Grains.Surrogates;

[GenerateSerializer, Alias("grid.holdings-profile")]
internal struct HoldingsProfileSurrogate
{
    [Id(0)] public string PortfolioId;
    [Id(1)] public string ModelId;
    [Id(2)] public DateOnly AsOf;
    [Id(3)] public VectorBytes Vector;
    [Id(4)] public double CoveredWeight;
    [Id(5)] public string[] Missing;
}

[RegisterConverter]
internal sealed class HoldingsProfileConverter : IConverter<HoldingsProfile, HoldingsProfileSurrogate>
{
    public HoldingsProfile ConvertFromSurrogate(in HoldingsProfileSurrogate s) =>
        new(s.PortfolioId, s.ModelId, s.AsOf, s.Vector.Values, s.CoveredWeight, s.Missing);

    public HoldingsProfileSurrogate ConvertToSurrogate(in HoldingsProfile v) => new()
    {
        PortfolioId = v.PortfolioId,
        ModelId = v.ModelId,
        AsOf = v.AsOf,
        Vector = new(v.Vector),
        CoveredWeight = v.CoveredWeight,
        Missing = [.. v.Missing],
    };
}
