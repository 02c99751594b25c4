using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Cli.Exchange;

/// <summary>What a Parquet or Arrow file says of where its rows come from.</summary>
internal static class Provenance
{
    /// <summary>The models.</summary>
    public const string ModelId = "model_id";

    /// <summary>The time as of whose knowledge the rows are: the one asked for, else that of the newest vector behind them.</summary>
    public const string AsKnown = "as_known";

    /// <summary>Changes whenever the vectors behind the rows do: SHA-256 over model, date and version of each partition, a line each.</summary>
    public const string Checksum = "checksum";

    /// <summary>Asks a store for the partitions behind a file; those that do not exist do not count.</summary>
    /// <param name="vectors">The store.</param>
    /// <param name="keys">The partitions, in any order.</param>
    /// <param name="asKnown">The time asked for, or null.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    public static async Task<IReadOnlyDictionary<string, string>> OfAsync(
        IVectorStore vectors, IEnumerable<PartitionKey> keys, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        PartitionKey[] asked = [.. keys.Distinct()];
        var found = new List<VectorPartition?>();
        if (asKnown is null)
            found.AddRange(await vectors.HeadersAsync(asked, cancellationToken));
        else
        {
            foreach (var key in asked)
                found.Add(await vectors.ReadAsync(key, [], asKnown, cancellationToken));
        }
        return Of([.. found.OfType<VectorPartition>()], asKnown);
    }

    /// <summary>The same for partitions at hand.</summary>
    public static IReadOnlyDictionary<string, string> Of(IReadOnlyList<VectorPartition> partitions, DateTimeOffset? asKnown)
    {
        var ordered = partitions.OrderBy(partition => partition.Key.ModelId, StringComparer.Ordinal).ThenBy(partition => partition.Key.AsOf).ToList();
        string versions = string.Concat(ordered.Select(partition => $"{partition.Key.ModelId} {DateRange.Text(partition.Key.AsOf)} {partition.Version}\n"));
        var metadata = new Dictionary<string, string>
        {
            [ModelId] = string.Join(',', ordered.Select(partition => partition.Key.ModelId).Distinct(StringComparer.Ordinal)),
            [Checksum] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(versions))),
        };
        if ((asKnown ?? (ordered.Count > 0 ? ordered.Max(partition => partition.KnownAt) : null)) is { } time)
            metadata[AsKnown] = time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        return metadata;
    }
}
