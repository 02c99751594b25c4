using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Grains;

namespace Prometheus.Grid.Client;

/// <summary>A listing that outlives the silo that it came from: rows are in order of date and id, so it goes on behind the last that arrived.</summary>
/// <param name="grains">Reaches the cluster.</param>
/// <param name="listing">What is listed.</param>
internal sealed class ListingStream(IGrainFactory grains, JointListing listing) : IAsyncDisposable
{
    private IAsyncEnumerator<JointRow>? _rows;
    private JointRow? _last;
    private int _delivered;

    /// <summary>The next row, or null behind the last. After an error the next call goes on with the row that this one lacked.</summary>
    /// <param name="cancellationToken">The same in all calls.</param>
    public async Task<JointRow?> NextAsync(CancellationToken cancellationToken)
    {
        // A listing that was taken up again has no limit of its own, since rows that are there already do not count.
        if (_delivered == listing.Limit)
            return null;
        _rows ??= Open(cancellationToken);
        try
        {
            do
            {
                if (!await _rows.MoveNextAsync())
                    return null;
            }
            while (IsDelivered(_rows.Current));
            _delivered++;
            return _last = _rows.Current;
        }
        catch
        {
            // Broken enumerators throw again when they are disposed; what they held ends with the activation of their grain.
            _rows = null;
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _rows?.DisposeAsync() ?? ValueTask.CompletedTask;

    private IAsyncEnumerator<JointRow> Open(CancellationToken cancellationToken)
    {
        var rest = _last is null ? listing : listing with { Dates = new DateRange(_last.AsOf, listing.Dates.End), Limit = null };
        return grains.GetGrain<IListingGrain>(Guid.NewGuid()).ListAsync(rest, cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    private bool IsDelivered(JointRow row) =>
        _last is not null && row.AsOf == _last.AsOf && string.CompareOrdinal(row.EntityId, _last.EntityId) <= 0;
}
