using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Http.Data;

/// <summary>Who is in a space on a date, without the vectors: pages go on behind an id, and read the rows that they show.</summary>
/// <param name="Headers">By id.</param>
/// <param name="Version">Of the rows.</param>
internal sealed record DateHeaders(IReadOnlyList<RowHeader> Headers, string Version);

/// <summary>Keeps the headers of the dates that are being paged through.</summary>
internal sealed class DateIndex(IGridStore store)
{
    private const int MostDates = 16;
    private readonly SpaceReader _spaces = new(store);
    private readonly Lock _lock = new();
    private readonly LinkedList<(PartitionKey Key, DateHeaders Headers)> _recent = new();

    /// <summary>The headers of a date.</summary>
    /// <exception cref="Core.Errors.NotFoundException">The space has no vectors on it, or had none then.</exception>
    public async Task<DateHeaders> ReadAsync(SpaceManifest space, DateOnly asOf, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        var key = new PartitionKey(BranchKind.Joint, space.ModelId, asOf);
        if (asKnown is null && await store.Vectors.VersionAsync(key, cancellationToken) is { } version && Find(key, version) is { } known)
            return known;
        var partition = await _spaces.JointAsync(space, asOf, null, asKnown, cancellationToken);
        var headers = new DateHeaders(partition.Rows.Headers, partition.Version);
        if (asKnown is null)
            Keep(key, headers);
        return headers;
    }

    private DateHeaders? Find(PartitionKey key, string version)
    {
        lock (_lock)
        {
            for (var node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Key != key || node.Value.Headers.Version != version)
                    continue;
                _recent.Remove(node);
                _recent.AddFirst(node);
                return node.Value.Headers;
            }
        }
        return null;
    }

    private void Keep(PartitionKey key, DateHeaders headers)
    {
        lock (_lock)
        {
            for (var node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Key == key)
                {
                    _recent.Remove(node);
                    break;
                }
            }
            _recent.AddFirst((key, headers));
            if (_recent.Count > MostDates)
                _recent.RemoveLast();
        }
    }
}
