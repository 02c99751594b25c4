using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Postgres;

/// <summary>What loading one CSV file did.</summary>
/// <param name="Table">The table.</param>
/// <param name="Rows">Rows of the file.</param>
/// <param name="Written">Rows that were new or different, and rows that went because the file has them no more.</param>
public sealed record TableImport(string Table, int Rows, int Written)
{
    /// <summary>What of the file is not used, and why; empty when everything is.</summary>
    public IReadOnlyList<InputNote> Notes { get; init; } = [];
}
