using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Cli.Exchange;

/// <summary>Whole partitions between two stores, bit for bit. What they superseded stays behind: a copy is known from when it is made.</summary>
internal static class PartitionExchange
{
    public static readonly string[] Columns = ["as_of_date", "model_id", "outcome", "reason", "count"];

    /// <summary>A path that is a folder, or names one that is not there yet: it has no ending.</summary>
    public static bool IsFolder(string path) => Directory.Exists(path) || Path.GetExtension(path).Length == 0;

    /// <summary>Copies the partitions of a model, or of all, and writes two rows for each.</summary>
    /// <returns>How many partitions.</returns>
    public static async Task<int> CopyAsync(
        IGridStore from, IGridStore to, string? modelId, DateRange dates, RowWriter rows, CancellationToken cancellationToken)
    {
        int copied = 0;
        foreach (var key in await from.Vectors.ListAsync(null, modelId, cancellationToken))
        {
            if (!dates.Contains(key.AsOf) || await VectorCopy.CopyAsync(from.Vectors, to.Vectors, key, cancellationToken) is not { } outcome)
                continue;
            rows.Write(key.AsOf, key.ModelId, "written", "", outcome.Written);
            rows.Write(key.AsOf, key.ModelId, "unchanged", "", outcome.Unchanged);
            copied++;
        }
        return copied;
    }
}
