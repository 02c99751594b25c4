using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Surrogates;

/// <summary>What all backfills have in common.</summary>
[GenerateSerializer, Alias("grid.backfill-basics")]
internal struct BackfillBasics
{
    [Id(0)] public string ModelId;
    [Id(1)] public DateRange Dates;
    [Id(2)] public int? Limit;

    public static BackfillBasics Of(BackfillRequest v) => new() { ModelId = v.ModelId, Dates = v.Dates, Limit = v.Limit };
}

[GenerateSerializer, Alias("grid.backfill-numeric")]
internal struct NumericBackfillSurrogate
{
    [Id(0)] public BackfillBasics Basics;
    [Id(1)] public int? WindowDays;
    [Id(2)] public string? MarketId;
    [Id(3)] public string[] InstrumentIds;
    [Id(4)] public int Offset;
}

[RegisterConverter]
internal sealed class NumericBackfillConverter : IConverter<NumericBackfill, NumericBackfillSurrogate>
{
    public NumericBackfill ConvertFromSurrogate(in NumericBackfillSurrogate s) => new()
    {
        ModelId = s.Basics.ModelId,
        Dates = s.Basics.Dates,
        Limit = s.Basics.Limit,
        WindowDays = s.WindowDays,
        MarketId = s.MarketId,
        InstrumentIds = s.InstrumentIds,
        Offset = s.Offset,
    };

    public NumericBackfillSurrogate ConvertToSurrogate(in NumericBackfill v) => new()
    {
        Basics = BackfillBasics.Of(v),
        WindowDays = v.WindowDays,
        MarketId = v.MarketId,
        InstrumentIds = [.. v.InstrumentIds],
        Offset = v.Offset,
    };
}

[GenerateSerializer, Alias("grid.backfill-text")]
internal struct TextBackfillSurrogate
{
    [Id(0)] public BackfillBasics Basics;
}

[RegisterConverter]
internal sealed class TextBackfillConverter : IConverter<TextBackfill, TextBackfillSurrogate>
{
    public TextBackfill ConvertFromSurrogate(in TextBackfillSurrogate s) =>
        new() { ModelId = s.Basics.ModelId, Dates = s.Basics.Dates, Limit = s.Basics.Limit };

    public TextBackfillSurrogate ConvertToSurrogate(in TextBackfill v) => new() { Basics = BackfillBasics.Of(v) };
}

[GenerateSerializer, Alias("grid.backfill-joint-profile")]
internal struct JointProfileBackfillSurrogate
{
    [Id(0)] public BackfillBasics Basics;
    [Id(1)] public string[] IssuerIds;
    [Id(2)] public Dictionary<string, string> BranchModelIds;
}

[RegisterConverter]
internal sealed class JointProfileBackfillConverter : IConverter<JointProfileBackfill, JointProfileBackfillSurrogate>
{
    public JointProfileBackfill ConvertFromSurrogate(in JointProfileBackfillSurrogate s) => new()
    {
        ModelId = s.Basics.ModelId,
        Dates = s.Basics.Dates,
        Limit = s.Basics.Limit,
        IssuerIds = s.IssuerIds,
        BranchModelIds = s.BranchModelIds,
    };

    public JointProfileBackfillSurrogate ConvertToSurrogate(in JointProfileBackfill v) =>
        new() { Basics = BackfillBasics.Of(v), IssuerIds = [.. v.IssuerIds], BranchModelIds = new(v.BranchModelIds) };
}

[GenerateSerializer, Alias("grid.backfill-portfolio")]
internal struct PortfolioBackfillSurrogate
{
    [Id(0)] public BackfillBasics Basics;
    [Id(1)] public string[] PortfolioIds;
}

[RegisterConverter]
internal sealed class PortfolioBackfillConverter : IConverter<PortfolioBackfill, PortfolioBackfillSurrogate>
{
    public PortfolioBackfill ConvertFromSurrogate(in PortfolioBackfillSurrogate s) =>
        new() { ModelId = s.Basics.ModelId, Dates = s.Basics.Dates, Limit = s.Basics.Limit, PortfolioIds = s.PortfolioIds };

    public PortfolioBackfillSurrogate ConvertToSurrogate(in PortfolioBackfill v) =>
        new() { Basics = BackfillBasics.Of(v), PortfolioIds = [.. v.PortfolioIds] };
}

[GenerateSerializer, Alias("grid.backfill-joint-portfolio")]
internal struct JointPortfolioBackfillSurrogate
{
    [Id(0)] public BackfillBasics Basics;
    [Id(1)] public Dictionary<string, string> BranchModelIds;
}

[RegisterConverter]
internal sealed class JointPortfolioBackfillConverter : IConverter<JointPortfolioBackfill, JointPortfolioBackfillSurrogate>
{
    public JointPortfolioBackfill ConvertFromSurrogate(in JointPortfolioBackfillSurrogate s) =>
        new() { ModelId = s.Basics.ModelId, Dates = s.Basics.Dates, Limit = s.Basics.Limit, BranchModelIds = s.BranchModelIds };

    public JointPortfolioBackfillSurrogate ConvertToSurrogate(in JointPortfolioBackfill v) =>
        new() { Basics = BackfillBasics.Of(v), BranchModelIds = new(v.BranchModelIds) };
}

[GenerateSerializer, Alias("grid.partition-key")]
internal struct PartitionKeySurrogate
{
    [Id(0)] public BranchKind Kind;
    [Id(1)] public string ModelId;
    [Id(2)] public DateOnly AsOf;
}

[RegisterConverter]
internal sealed class PartitionKeyConverter : IConverter<PartitionKey, PartitionKeySurrogate>
{
    public PartitionKey ConvertFromSurrogate(in PartitionKeySurrogate s) => new(s.Kind, s.ModelId, s.AsOf);

    public PartitionKeySurrogate ConvertToSurrogate(in PartitionKey v) => new() { Kind = v.Kind, ModelId = v.ModelId, AsOf = v.AsOf };
}

[GenerateSerializer, Alias("grid.skipped-entity")]
internal struct SkippedEntitySurrogate
{
    [Id(0)] public string EntityId;
    [Id(1)] public string Code;
    [Id(2)] public string Detail;
}

[RegisterConverter]
internal sealed class SkippedEntityConverter : IConverter<SkippedEntity, SkippedEntitySurrogate>
{
    public SkippedEntity ConvertFromSurrogate(in SkippedEntitySurrogate s) => new(s.EntityId, new SkipReason(s.Code, s.Detail));

    public SkippedEntitySurrogate ConvertToSurrogate(in SkippedEntity v) =>
        new() { EntityId = v.EntityId, Code = v.Reason.Code, Detail = v.Reason.Detail };
}

[GenerateSerializer, Alias("grid.backfill-progress")]
internal struct BackfillProgressSurrogate
{
    [Id(0)] public PartitionKey Partition;
    [Id(1)] public int EntitiesDone;
    [Id(2)] public int EntitiesTotal;
    [Id(3)] public int DatesDone;
    [Id(4)] public int DatesTotal;
}

[RegisterConverter]
internal sealed class BackfillProgressConverter : IConverter<BackfillProgress, BackfillProgressSurrogate>
{
    public BackfillProgress ConvertFromSurrogate(in BackfillProgressSurrogate s) =>
        new(s.Partition, s.EntitiesDone, s.EntitiesTotal, s.DatesDone, s.DatesTotal);

    public BackfillProgressSurrogate ConvertToSurrogate(in BackfillProgress v) => new()
    {
        Partition = v.Partition,
        EntitiesDone = v.EntitiesDone,
        EntitiesTotal = v.EntitiesTotal,
        DatesDone = v.DatesDone,
        DatesTotal = v.DatesTotal,
    };
}

[GenerateSerializer, Alias("grid.backfill-day")]
internal struct BackfillDaySurrogate
{
    [Id(0)] public PartitionKey Partition;
    [Id(1)] public int Written;
    [Id(2)] public int Unchanged;
    [Id(3)] public int Resumed;
    [Id(4)] public int BeyondLimit;
    [Id(5)] public SkippedEntity[] Skipped;
}

[RegisterConverter]
internal sealed class BackfillDayConverter : IConverter<BackfillDay, BackfillDaySurrogate>
{
    public BackfillDay ConvertFromSurrogate(in BackfillDaySurrogate s) =>
        new(s.Partition, s.Written, s.Unchanged, s.Resumed, s.BeyondLimit, s.Skipped);

    public BackfillDaySurrogate ConvertToSurrogate(in BackfillDay v) => new()
    {
        Partition = v.Partition,
        Written = v.Written,
        Unchanged = v.Unchanged,
        Resumed = v.Resumed,
        BeyondLimit = v.BeyondLimit,
        Skipped = [.. v.Skipped],
    };
}

[GenerateSerializer, Alias("grid.backfill-report")]
internal struct BackfillReportSurrogate
{
    [Id(0)] public BackfillDay[] Days;
}

[RegisterConverter]
internal sealed class BackfillReportConverter : IConverter<BackfillReport, BackfillReportSurrogate>
{
    public BackfillReport ConvertFromSurrogate(in BackfillReportSurrogate s) => new(s.Days);

    public BackfillReportSurrogate ConvertToSurrogate(in BackfillReport v) => new() { Days = [.. v.Days] };
}
