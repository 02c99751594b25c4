using System.Runtime.CompilerServices;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Cli.Exchange;

/// <summary>The vectors of a model on their way from a store into a file, two dates in memory at a time: the one that is written and the next, which is read meanwhile.</summary>
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
            using var end = CancellationTokenSource.CreateLinkedTokenSource(token);
            var next = ReadAsync(0, end.Token);
            try
            {
                for (int i = 0; i < headers.Length; i++)
                {
                    var partition = await next;
                    next = ReadAsync(i + 1, end.Token);
                    if (partition?.Version != headers[i].Version)
                        throw new GridFaultException($"{headers[i].Key} changed while it was exported; run the command again", canRetry: true);
                    for (int row = 0; row < partition.Rows.Count; row++, written++)
                        yield return new VectorRecord(headers[i].Key.AsOf, partition.Rows.Headers[row], partition.Origin, partition.Rows.Row(row));
                }
            }
            finally
            {
                // The store may be closed as soon as this has ended; a date that nobody waits for any more is not asked how it fared.
                await end.CancelAsync();
                await Task.WhenAny(next);
            }
        }

        // On another thread also where a store answers without waiting, as a folder does.
        Task<VectorPartition?> ReadAsync(int i, CancellationToken token) =>
            i < headers.Length ? Task.Run(() => vectors.ReadAsync(headers[i].Key, null, null, token), token) : Task.FromResult<VectorPartition?>(null);
    }
}
