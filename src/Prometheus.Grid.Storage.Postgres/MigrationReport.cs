namespace Prometheus.Grid.Storage.Postgres;

/// <summary>What a migration did, or would do.</summary>
/// <param name="FromVersion">The schema version that it found; 0 where the grid had never been.</param>
/// <param name="ToVersion">The schema version of this program.</param>
/// <param name="Steps">What was created, collapsed and entered, a line each; empty when there was nothing to do.</param>
public sealed record MigrationReport(int FromVersion, int ToVersion, IReadOnlyList<string> Steps);
