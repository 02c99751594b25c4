using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Translation;

/// <summary>Backfills, from the domain to messages and back.</summary>
public static class Backfills
{
    /// <summary>The request of a message.</summary>
    /// <exception cref="BadInputException">A member belongs to another kind of backfill, or the range is reversed.</exception>
    public static BackfillRequest ToRequest(this BackfillMessage message)
    {
        var dates = new DateRange(message.Start, message.End);
        Refuse(message, message.Kind == BackfillKind.Numeric, ("window_days", message.WindowDays), ("market_id", message.MarketId), ("instrument_ids", message.InstrumentIds), ("offset", message.Offset));
        Refuse(message, message.Kind == BackfillKind.JointProfiles, ("issuer_ids", message.IssuerIds));
        Refuse(message, message.Kind == BackfillKind.Portfolios, ("portfolio_ids", message.PortfolioIds));
        Refuse(message, message.Kind is BackfillKind.JointProfiles or BackfillKind.JointPortfolios, ("branch_model_ids", message.BranchModelIds));
        var branches = message.BranchModelIds ?? new Dictionary<string, string>();
        return message.Kind switch
        {
            BackfillKind.Numeric => new NumericBackfill
            {
                ModelId = message.ModelId,
                Dates = dates,
                Limit = message.Limit,
                WindowDays = message.WindowDays,
                MarketId = message.MarketId,
                InstrumentIds = message.InstrumentIds ?? [],
                Offset = message.Offset ?? 0,
            },
            BackfillKind.Text => new TextBackfill { ModelId = message.ModelId, Dates = dates, Limit = message.Limit },
            BackfillKind.JointProfiles => new JointProfileBackfill
            {
                ModelId = message.ModelId,
                Dates = dates,
                Limit = message.Limit,
                IssuerIds = message.IssuerIds ?? [],
                BranchModelIds = branches,
            },
            BackfillKind.Portfolios => new PortfolioBackfill
            {
                ModelId = message.ModelId,
                Dates = dates,
                Limit = message.Limit,
                PortfolioIds = message.PortfolioIds ?? [],
            },
            _ => new JointPortfolioBackfill { ModelId = message.ModelId, Dates = dates, Limit = message.Limit, BranchModelIds = branches },
        };
    }

    /// <summary>A request as a message.</summary>
    public static BackfillMessage ToMessage(this BackfillRequest request)
    {
        var message = new BackfillMessage(BackfillKind.Text, request.ModelId, request.Dates.Start, request.Dates.End, request.Limit);
        return request switch
        {
            NumericBackfill numeric => message with
            {
                Kind = BackfillKind.Numeric,
                WindowDays = numeric.WindowDays,
                MarketId = numeric.MarketId,
                InstrumentIds = numeric.InstrumentIds,
                Offset = numeric.Offset,
            },
            JointProfileBackfill joint => message with { Kind = BackfillKind.JointProfiles, IssuerIds = joint.IssuerIds, BranchModelIds = joint.BranchModelIds },
            PortfolioBackfill portfolio => message with { Kind = BackfillKind.Portfolios, PortfolioIds = portfolio.PortfolioIds },
            JointPortfolioBackfill joint => message with { Kind = BackfillKind.JointPortfolios, BranchModelIds = joint.BranchModelIds },
            _ => message,
        };
    }

    /// <summary>A report as a message.</summary>
    /// <param name="report">The report.</param>
    /// <param name="notes">What of the tables was not used.</param>
    public static BackfillReportMessage ToMessage(this BackfillReport report, IReadOnlyList<InputNote> notes) => new(
        report.Written,
        report.Unchanged,
        [.. report.Days.Select(day => new BackfillDayMessage(
            day.Partition.AsOf, day.Written, day.Unchanged, day.Resumed, day.BeyondLimit,
            [.. day.Skipped.Select(skipped => new SkippedMessage(skipped.EntityId, skipped.Reason.Code, skipped.Reason.Detail))]))],
        notes.Count == 0 ? null : [.. notes.Select(note => new InputNoteMessage(note.Table, note.What, note.Count, note.Examples))]);

    /// <summary>The report of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="modelId">The model of the request.</param>
    /// <param name="kind">Its kind.</param>
    public static BackfillReport ToReport(this BackfillReportMessage message, string modelId, BranchKind kind) => new(
        [.. message.Days.Select(day => new BackfillDay(
            new PartitionKey(kind, modelId, day.AsOfDate), day.Written, day.Unchanged, day.Resumed, day.BeyondLimit,
            [.. day.Skipped.Select(skipped => new SkippedEntity(skipped.EntityId, new SkipReason(skipped.Reason, skipped.Detail)))]))]);

    /// <summary>What of the tables was not used, by a message.</summary>
    public static IReadOnlyList<InputNote> ToNotes(this BackfillReportMessage message) =>
        [.. (message.Notes ?? []).Select(note => new InputNote(note.Table, note.What, note.Count, note.Examples))];

    /// <summary>Progress as a message.</summary>
    public static BackfillProgressMessage ToMessage(this BackfillProgress progress) => new(
        progress.Partition.ModelId, progress.Partition.AsOf, progress.EntitiesDone, progress.EntitiesTotal, progress.DatesDone, progress.DatesTotal);

    /// <summary>The progress of a message.</summary>
    public static BackfillProgress ToProgress(this BackfillProgressMessage message, BranchKind kind) => new(
        new PartitionKey(kind, message.ModelId, message.AsOfDate), message.EntitiesDone, message.EntitiesTotal, message.DatesDone, message.DatesTotal);

    private static void Refuse(BackfillMessage message, bool isOfKind, params ReadOnlySpan<(string Name, object? Value)> members)
    {
        foreach (var (name, value) in members)
        {
            if (!isOfKind && value is not null)
                throw new BadInputException(name, value is string or int ? value : "given", $"nothing: a backfill of kind {message.Kind} has no such member");
        }
    }
}
