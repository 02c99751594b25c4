using System.Runtime.CompilerServices;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>
/// The nearest neighbours of every entity of a date, exactly and in the order of every search. Entities are searched a tile at a time, for which
/// the candidates are read once; so beside the candidates themselves no more than a tile is in memory.
/// </summary>
public sealed class NeighbourSearch
{
    /// <summary>Entities of a tile: the codes that a core has in its cache then serve all of them.</summary>
    private const int TileEntities = 256;

    /// <summary>How many neighbours are looked for first where a threshold alone decides; those that have more are asked again for eight times as many.</summary>
    private const int FirstGuess = 32;

    private readonly NeighboursQuery _query;
    private readonly CandidateRows _candidates;
    private readonly (RowSet Rows, double[]? Factors, int Ordinal)[] _entities;
    private readonly int _dimension;
    private readonly Searcher _searcher;

    private NeighbourSearch(
        NeighboursQuery query, CandidateRows candidates, (RowSet Rows, double[]? Factors, int Ordinal)[] entities, int incomplete, int dimension, Searcher searcher) =>
        (_query, _candidates, _entities, Incomplete, _dimension, _searcher) = (query, candidates, entities, incomplete, dimension, searcher);

    /// <summary>Entities that are searched.</summary>
    public int Count => _entities.Length;

    /// <summary>Entities that are left out: they lack the vector of a branch that the weights ask for.</summary>
    public int Incomplete { get; }

    /// <summary>Reads the candidates and decides who is searched.</summary>
    /// <param name="store">Inputs and vectors.</param>
    /// <param name="scans">The threads that scan; they are to outlive the search.</param>
    /// <param name="query">What is asked.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="BadInputException">A member of the query is out of range, or does not fit the space.</exception>
    /// <exception cref="NotFoundException">The space has no vectors on one of the dates.</exception>
    public static async Task<NeighbourSearch> OpenAsync(
        IGridStore store, ScanScheduler scans, NeighboursQuery query, CancellationToken cancellationToken)
    {
        query.Check();
        var space = await new SpaceReader(store).AsFusedAsync(query.Space, query.AsOf, query.AsKnown, cancellationToken);
        var against = query.Against ?? query.AsOf;
        var scan = new CandidateScan
        {
            Space = space,
            Dates = [against],
            Target = new SearchTarget(default, null, null, query.AsOf),
            Shares = query.Weights?.For(space) ?? [],
            Filter = query.Filter is null or { IsEmpty: true } ? null : new CandidateFilter(query.Filter, space, await store.Inputs.ReadUniverseAsync(cancellationToken)),
            TopK = query.TopK ?? NeighboursQuery.DefaultTopK,
            AsKnown = query.AsKnown,
        };
        var rows = new ShardRows(store, EntityBuckets.All, new RowMemory(long.MaxValue));
        var candidateRows = await rows.OfAsync(scan, against, cancellationToken);
        var entityRows = against == query.AsOf ? candidateRows : await rows.OfAsync(scan, query.AsOf, cancellationToken);
        var candidates = new CandidateRows(scan);
        candidates.Add(candidateRows);

        int asked = scan.Shares.Count(share => share > 0);
        // An ordinal whose row is gone keeps its header.
        var all = entityRows.SelectMany(set => set.Rows.Headers.Select((header, ordinal) => (set.Rows, set.Factors, Ordinal: ordinal)))
            .Where(entity => entity.Rows.OrdinalOf(entity.Rows.Headers[entity.Ordinal].EntityId) == entity.Ordinal)
            .ToArray();
        // A branch that is missing has the factor 0.
        var entities = all.Where(entity => entity.Factors is null || entity.Factors.Count(factor => factor > 0) == asked)
            .OrderBy(entity => entity.Rows.Headers[entity.Ordinal].EntityId, StringComparer.Ordinal)
            .ToArray();
        int dimension = entityRows.Concat(candidateRows).Select(set => set.Rows.Shard.Shape.FusedDimensions).Append(space.Dimension).Max();
        return new NeighbourSearch(query, candidates, entities, all.Length - entities.Length, dimension, new Searcher(scans));
    }

    /// <summary>Searches, entity by entity in the order of their ids.</summary>
    /// <param name="cancellationToken">Ends the work early; seen within a tile.</param>
    public async IAsyncEnumerable<EntityNeighbours> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int first = 0; first < _entities.Length; first += TileEntities)
        {
            var targets = _entities.AsSpan(first, Math.Min(TileEntities, _entities.Length - first)).ToArray().Select(TargetOf).ToArray();
            // The scan holds all cores for a while; the thread that asks, perhaps one that draws a bar, is to be free.
            var answers = await Task.Run(() => NearestOf(targets, cancellationToken), cancellationToken);
            for (int i = 0; i < targets.Length; i++)
                yield return new EntityNeighbours(targets[i].EntityId!, answers[i]);
        }
    }

    private SearchTarget TargetOf((RowSet Rows, double[]? Factors, int Ordinal) entity)
    {
        var shape = entity.Rows.Shard.Shape;
        float[] vector = new float[_dimension];
        if (entity.Factors is null)
        {
            entity.Rows.Shard.TryGetRow(entity.Ordinal, vector.AsSpan(0, shape.Dimensions));
        }
        else
        {
            float[] parts = new float[shape.Dimensions];
            entity.Rows.Shard.TryGetRow(entity.Ordinal, parts);
            BranchRows.Fuse(shape, entity.Factors, parts, vector);
        }
        return new SearchTarget(vector, null, entity.Rows.Headers[entity.Ordinal].EntityId, _query.AsOf);
    }

    private IReadOnlyList<ScannedCandidate>[] NearestOf(SearchTarget[] targets, CancellationToken cancellationToken)
    {
        double least = _query.MinCosine ?? double.NegativeInfinity;
        int? topK = _query.TopK ?? (_query.MinCosine is null ? NeighboursQuery.DefaultTopK : null);
        var answers = new IReadOnlyList<ScannedCandidate>[targets.Length];
        int[] open = [.. Enumerable.Range(0, targets.Length)];
        for (int k = topK ?? FirstGuess; open.Length > 0; k = (int)Math.Min(8L * k, int.MaxValue - 1))
        {
            var found = _candidates.Search(_searcher, [.. open.Select(i => targets[i])], k, cancellationToken);
            for (int i = 0; i < open.Length; i++)
                answers[open[i]] = [.. found[i].TakeWhile(candidate => candidate.Cosine >= least)];
            // All k are near enough: there may be more.
            open = topK is null ? [.. open.Where(i => answers[i].Count == k)] : [];
        }
        return answers;
    }
}
