using System.Globalization;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Embedded.Snapshots;

/// <summary>Whose rows a snapshot holds.</summary>
/// <param name="History">The database that they were read from (<see cref="IBucketStore.HistoryAsync"/>).</param>
/// <param name="Partition">Model and date.</param>
/// <param name="Bucket">The bucket of the entities.</param>
/// <param name="Of">How many buckets there are.</param>
public sealed record SnapshotKey(string History, PartitionKey Partition, int Bucket, int Of)
{
    /// <summary>The name of its file. It says nothing of the history: a snapshot of another one is of no use to anybody and makes room.</summary>
    public string FileName => string.Create(
        CultureInfo.InvariantCulture, $"{Uri.EscapeDataString(Partition.ModelId)}_{DateRange.Text(Partition.AsOf)}_{Bucket}-of-{Of}{SnapshotFolder.Extension}");
}
