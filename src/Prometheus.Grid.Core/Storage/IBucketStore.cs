namespace Prometheus.Grid.Core.Storage;

/// <summary>Takes rows into memory of its own, one by one and in any order.</summary>
public interface IRowSink
{
    /// <summary>Rows of this length follow. Those that came before are forgotten: a read that failed begins anew.</summary>
    /// <param name="dimension">Length of a vector, at least 1.</param>
    void Begin(int dimension);

    /// <summary>Makes room for the next row.</summary>
    /// <param name="header">Whose vector it is; no entity comes twice.</param>
    /// <returns>Where the caller writes the vector, finite numbers all, before it goes on.</returns>
    Span<float> Add(RowHeader header);
}

/// <summary>What a store of joint vectors can do that finds the rows of a bucket without looking at others; buckets are those of <see cref="EntityBuckets"/>.</summary>
public interface IBucketStore
{
    /// <summary>Hands over all rows of one bucket.</summary>
    /// <param name="key">A joint model and a date.</param>
    /// <param name="bucket">The bucket, 0 to <paramref name="count"/> − 1.</param>
    /// <param name="count">How many buckets there are, 1 to 1,024.</param>
    /// <param name="sink">Gets the rows.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <returns>The partition without its rows; null when it does not exist.</returns>
    /// <exception cref="Errors.GridFaultException">The stored bytes are damaged; the message names the row.</exception>
    Task<VectorPartition?> ReadBucketAsync(PartitionKey key, int bucket, int count, IRowSink sink, CancellationToken cancellationToken);

    /// <summary>The rows of some buckets that changed since a version.</summary>
    /// <param name="key">A joint model and a date.</param>
    /// <param name="buckets">The entities.</param>
    /// <param name="since">The version.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <returns>The changed rows; null when the store cannot tell, so that all are to be read, or the partition does not exist.</returns>
    Task<VectorChanges?> ReadChangedAsync(PartitionKey key, EntityBuckets buckets, string since, CancellationToken cancellationToken);

    /// <summary>Names the database behind the store: rows that were read from one of another name say nothing of this one.</summary>
    Task<string> HistoryAsync(CancellationToken cancellationToken);
}
