using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Client.Http;

/// <summary>What a backfill of a server did, and what it did not use of the server's tables.</summary>
/// <param name="Report">What it did, date by date.</param>
/// <param name="Notes">What was not used and why; empty where everything was.</param>
public sealed record BackfillOutcome(BackfillReport Report, IReadOnlyList<InputNote> Notes);
