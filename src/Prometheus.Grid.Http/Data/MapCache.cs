using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Telemetry;
using Prometheus.Grid.Embedded.Maps;

namespace Prometheus.Grid.Http.Data;

/// <summary>Draws each map once while its vectors stay as they are; callers who ask for one that is being drawn wait for the same.</summary>
internal sealed class MapCache(IEmbeddingGrid grid, IGridStore store)
{
    private const int MostMaps = 16;
    private readonly Lock _lock = new();
    private readonly List<(MapQuery Query, string Version, Task<PlaneMap> Map)> _maps = [];

    /// <summary>The map. A caller who leaves does not end the drawing that others wait for, nor what is then there for the next.</summary>
    public async Task<PlaneMap> ReadAsync(MapQuery query, CancellationToken cancellationToken)
    {
        string version = await store.Vectors.VersionAsync(new PartitionKey(BranchKind.Joint, query.ModelId, query.AsOf), cancellationToken) ?? "";
        return await Find(query, version).WaitAsync(cancellationToken);
    }

    private Task<PlaneMap> Find(MapQuery query, string version)
    {
        lock (_lock)
        {
            int at = _maps.FindIndex(kept => kept.Query == query && kept.Version == version && !kept.Map.IsFaulted);
            GridMetrics.Looked("maps", at >= 0);
            var map = at >= 0 ? _maps[at].Map : SpaceMapper.DrawAsync(grid, query, CancellationToken.None);
            if (at >= 0)
                _maps.RemoveAt(at);
            else
                _maps.RemoveAll(kept => kept.Query == query);
            _maps.Add((query, version, map));
            if (_maps.Count > MostMaps)
                _maps.RemoveAt(0);
            return map;
        }
    }
}
