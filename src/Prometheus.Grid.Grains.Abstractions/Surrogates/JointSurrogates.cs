using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Grains.Surrogates;

[GenerateSerializer, Alias("grid.date-range")]
internal struct DateRangeSurrogate
{
    [Id(0)] public DateOnly Start;
    [Id(1)] public DateOnly End;
}

[RegisterConverter]
internal sealed class DateRangeConverter : IConverter<DateRange, DateRangeSurrogate>
{
    public DateRange ConvertFromSurrogate(in DateRangeSurrogate s) => new(s.Start, s.End);

    public DateRangeSurrogate ConvertToSurrogate(in DateRange v) => new() { Start = v.Start, End = v.End };
}

[GenerateSerializer, Alias("grid.weights")]
internal struct BranchWeightsSurrogate
{
    [Id(0)] public Dictionary<string, double> Shares;
}

[RegisterConverter]
internal sealed class BranchWeightsConverter : IConverter<BranchWeights, BranchWeightsSurrogate>
{
    public BranchWeights ConvertFromSurrogate(in BranchWeightsSurrogate s) => BranchWeights.FromScaled(s.Shares);

    public BranchWeightsSurrogate ConvertToSurrogate(in BranchWeights v) => new() { Shares = new(v.Shares) };
}

[GenerateSerializer, Alias("grid.joint-query")]
internal struct JointQuerySurrogate
{
    [Id(0)] public string EntityId;
    [Id(1)] public DateOnly AsOf;
    [Id(2)] public string ModelId;
    [Id(3)] public BranchWeights? Weights;
    [Id(4)] public DateTimeOffset? AsKnown;
}

[RegisterConverter]
internal sealed class JointQueryConverter : IConverter<JointQuery, JointQuerySurrogate>
{
    public JointQuery ConvertFromSurrogate(in JointQuerySurrogate s) => new(s.EntityId, s.AsOf, s.ModelId, s.Weights, s.AsKnown);

    public JointQuerySurrogate ConvertToSurrogate(in JointQuery v) =>
        new() { EntityId = v.EntityId, AsOf = v.AsOf, ModelId = v.ModelId, Weights = v.Weights, AsKnown = v.AsKnown };
}

[GenerateSerializer, Alias("grid.joint-listing")]
internal struct JointListingSurrogate
{
    [Id(0)] public string ModelId;
    [Id(1)] public DateRange Dates;
    [Id(2)] public string? EntityId;
    [Id(3)] public int? Limit;
    [Id(4)] public DateTimeOffset? AsKnown;
}

[RegisterConverter]
internal sealed class JointListingConverter : IConverter<JointListing, JointListingSurrogate>
{
    public JointListing ConvertFromSurrogate(in JointListingSurrogate s) => new(s.ModelId, s.Dates, s.EntityId, s.Limit, s.AsKnown);

    public JointListingSurrogate ConvertToSurrogate(in JointListing v) =>
        new() { ModelId = v.ModelId, Dates = v.Dates, EntityId = v.EntityId, Limit = v.Limit, AsKnown = v.AsKnown };
}

[GenerateSerializer, Alias("grid.joint-row")]
internal struct JointRowSurrogate
{
    [Id(0)] public DateOnly AsOf;
    [Id(1)] public string EntityId;
    [Id(2)] public string InstrumentId;
    [Id(3)] public string Region;
    [Id(4)] public string Source;
    [Id(5)] public string ModelId;
    [Id(6)] public VectorBytes Vector;
}

[RegisterConverter]
internal sealed class JointRowConverter : IConverter<JointRow, JointRowSurrogate>
{
    public JointRow ConvertFromSurrogate(in JointRowSurrogate s) =>
        new(s.AsOf, s.EntityId, s.InstrumentId, s.Region, s.Source, s.ModelId, s.Vector.Values);

    public JointRowSurrogate ConvertToSurrogate(in JointRow v) => new()
    {
        AsOf = v.AsOf,
        EntityId = v.EntityId,
        InstrumentId = v.InstrumentId,
        Region = v.Region,
        Source = v.Source,
        ModelId = v.ModelId,
        Vector = new(v.Vector),
    };
}

[GenerateSerializer, Alias("grid.history-query")]
internal struct HistoryQuerySurrogate
{
    [Id(0)] public string EntityId;
    [Id(1)] public string ModelId;
    [Id(2)] public DateRange? Dates;
}

[RegisterConverter]
internal sealed class HistoryQueryConverter : IConverter<HistoryQuery, HistoryQuerySurrogate>
{
    public HistoryQuery ConvertFromSurrogate(in HistoryQuerySurrogate s) => new(s.EntityId, s.ModelId, s.Dates);

    public HistoryQuerySurrogate ConvertToSurrogate(in HistoryQuery v) => new() { EntityId = v.EntityId, ModelId = v.ModelId, Dates = v.Dates };
}

[GenerateSerializer, Alias("grid.history-point")]
internal struct HistoryPointSurrogate
{
    [Id(0)] public DateOnly AsOf;
    [Id(1)] public double Norm;
    [Id(2)] public double? CosineToPrevious;
    [Id(3)] public double CosineToFirst;
    [Id(4)] public string? Nearest;
    [Id(5)] public double? NearestCosine;
}

[RegisterConverter]
internal sealed class HistoryPointConverter : IConverter<HistoryPoint, HistoryPointSurrogate>
{
    public HistoryPoint ConvertFromSurrogate(in HistoryPointSurrogate s) =>
        new(s.AsOf, s.Norm, s.CosineToPrevious, s.CosineToFirst, s.Nearest, s.NearestCosine);

    public HistoryPointSurrogate ConvertToSurrogate(in HistoryPoint v) => new()
    {
        AsOf = v.AsOf,
        Norm = v.Norm,
        CosineToPrevious = v.CosineToPrevious,
        CosineToFirst = v.CosineToFirst,
        Nearest = v.Nearest,
        NearestCosine = v.NearestCosine,
    };
}
