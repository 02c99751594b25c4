using System.Runtime.CompilerServices;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Cli.Exchange;

/// <summary>The vectors of a model on their way from a store into a file, one date in memory at a time.</summary>
internal static class VectorExport
{
    /// <summary>Writes the vectors of a model on some dates; the file appears when it is complete.</summary>
    /// <param name="vectors">The store.</param>
    /// <param name="kind">Kind of the model.</param>
    /// <param name="modelId">The model.</param>
    /// <param name="dates">The dates.</param>
    /// <param name="path">The file, of one of the endings of <see cref="VectorExchange"/>.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>How many vectors, and dates.</returns>
    /// <exception cref="NotFoundException">There are none.</exception>
    /// <exception cref="BadInputException">The vectors have not one length on all of the dates.</exception>
    public static async Task<(int Vectors, int Dates)> WriteAsync(
        IVectorStore vectors, BranchKind kind, string modelId, DateRange dates, string path, CancellationToken cancellationToken)
    {
        PartitionKey[] keys = [.. (await vectors.ListAsync(kind, modelId, cancellationToken)).Where(key => dates.Contains(key.AsOf))];
        VectorPartition[] headers = [.. (await vectors.HeadersAsync(keys, cancellationToken)).OfType<VectorPartition>()];
        if (headers.Length == 0)
            throw new NotFoundException("vectors of", modelId, $"none from {DateRange.Text(dates.Start)} to {DateRange.Text(dates.End)}");
        int dimension = headers[0].Rows.Dimension;
        if (Array.Find(headers, header => header.Rows.Dimension != dimension) is { } other)
            throw new BadInputException("--end", DateRange.Text(other.Key.AsOf), $"dates whose vectors have {dimension} values, as those before; these have {other.Rows.Dimension}");

        int written = 0;
        await VectorExchange.WriteAsync(path, dimension, Counted(cancellationToken), Provenance.Of(headers, null), cancellationToken);
        return (written, headers.Length);

        async IAsyncEnumerable<VectorRecord> Counted([EnumeratorCancellation] CancellationToken token)
        {
            foreach (var header in headers)
            {
                var partition = await vectors.ReadAsync(header.Key, null, null, token);
                if (partition?.Version != header.Version)
                    throw new GridFaultException($"{header.Key} changed while it was exported; run the command again", canRetry: true);
                for (int row = 0; row < partition.Rows.Count; row++, written++)
                    yield return new VectorRecord(header.Key.AsOf, partition.Rows.Headers[row], partition.Origin, partition.Rows.Row(row));
            }
        }
    }
}
