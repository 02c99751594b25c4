using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.State;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>
/// Joint vectors of a space from the stored vectors of its branches. An entity with a vector in any branch is considered, so that one
/// which lacks a branch is counted and named rather than lost.
/// </summary>
internal sealed class JointPlanner : IBackfillPlanner
{
    private readonly BackfillRequest _request;
    private readonly BackfillContext _context;
    private readonly SpaceManifest _space;
    private readonly IReadOnlyList<string> _named;

    public JointPlanner(JointProfileBackfill request, BackfillContext context)
        : this(request, request.IssuerIds, request.BranchModelIds, EntityKind.Issuer, context)
    {
    }

    public JointPlanner(JointPortfolioBackfill request, BackfillContext context)
        : this(request, [], request.BranchModelIds, EntityKind.Portfolio, context)
    {
    }

    private JointPlanner(
        BackfillRequest request,
        IReadOnlyList<string> named,
        IReadOnlyDictionary<string, string> branchModelIds,
        EntityKind entity,
        BackfillContext context)
    {
        _request = request;
        _context = context;
        _named = named;
        _space = context.Catalog.Space(request.ModelId, entity).WithBranchModels(branchModelIds);
        foreach (var branch in _space.Branches)
            context.Catalog.Model(branch.ModelId, branch.Kind, OwnerOf(branch));
    }

    public async Task<IReadOnlyList<DateOnly>> DatesAsync(CancellationToken cancellationToken)
    {
        if (_request.Dates.Start == _request.Dates.End)
            return [_request.Dates.Start];
        var dates = new SortedSet<DateOnly>();
        foreach (var branch in _space.Branches)
        {
            var keys = await _context.Store.Vectors.ListAsync(branch.Kind, branch.ModelId, cancellationToken);
            dates.UnionWith(keys.Select(key => key.AsOf).Where(_request.Dates.Contains));
        }
        return [.. dates];
    }

    public async Task<BackfillPlan> PlanAsync(DateOnly asOf, CancellationToken cancellationToken)
    {
        var universe = await _context.Inputs.ReadUniverseAsync(cancellationToken);
        var branches = new VectorPartition?[_space.Branches.Count];
        for (int i = 0; i < branches.Length; i++)
            branches[i] = await _context.Store.Vectors.ReadAsync(KeyOf(_space.Branches[i], asOf), null, null, cancellationToken);
        for (int i = 0; i < branches.Length; i++)
        {
            if (branches[i] is null && (_space.Branches[i].Required || branches.All(branch => branch is null)))
                throw new NotFoundException("vectors of", KeyOf(_space.Branches[i], asOf).ToString(), "build them first; the space has no vector without them");
        }

        var fusion = BranchFusion.For(_space);
        for (int i = 0; i < branches.Length; i++)
        {
            if (branches[i] is { Rows: var rows })
                CheckFit(fusion, i, rows);
        }
        var instruments = await InstrumentsAsync(branches, universe, asOf, cancellationToken);
        var candidates = Candidates(branches, universe, instruments);
        string[] ids = [.. candidates.Take(_request.Limit ?? int.MaxValue)];
        return new BackfillPlan(
            new PartitionKey(BranchKind.Joint, _space.ModelId, asOf),
            _space.Dimension,
            JointOrigin.Of(_space),
            string.Join(';', branches.Select(branch => branch?.Version)),
            ids,
            candidates.Count - ids.Length,
            false, // The rows of the branches are all here.
            (chunk, token) => Task.FromResult(ChunkEncoding.Each(
                chunk,
                _space.Dimension,
                _context.Workers,
                i => HeaderOf(chunk[i], universe, instruments),
                (i, joint) => Fuse(chunk[i], branches, instruments, fusion, joint),
                token)));
    }

    private SkipReason? Fuse(string entityId, VectorPartition?[] partitions, IReadOnlyDictionary<string, Instrument> instruments, BranchFusion fusion, Span<float> joint)
    {
        var vectors = new ReadOnlyMemory<float>[partitions.Length];
        for (int i = 0; i < partitions.Length; i++)
        {
            string? owner = OwnerOf(_space.Branches[i]) == EntityKind.Instrument ? instruments.GetValueOrDefault(entityId)?.InstrumentId : entityId;
            if (partitions[i] is { Rows: var rows } && owner is not null && rows.IndexOf(owner) is var row and >= 0)
                vectors[i] = rows.Row(row);
        }
        return fusion.Fuse(vectors, [], joint);
    }

    /// <summary>Refuses a model whose vectors the space has no room for, or would cut: 80 values cannot be averaged with 384.</summary>
    private void CheckFit(BranchFusion fusion, int branch, VectorBatch rows)
    {
        int room = fusion is BlockFusion blocks ? blocks.Block(branch).Length : _space.Dimension;
        bool fits = rows.Dimension == room || (fusion is BlockFusion && rows.Dimension > room && Enumerable.Range(0, rows.Count)
            .All(row => !rows.Row(row).Span[room..].ContainsAnyExcept(0f)));
        if (!fits)
        {
            throw new BadInputException(
                $"model of branch {_space.Branches[branch].Name}", _space.Branches[branch].ModelId,
                $"a model of {room} values, which {_space.ModelId} has room for; this one has {rows.Dimension}");
        }
    }

    private Task<IReadOnlyDictionary<string, Instrument>> InstrumentsAsync(
        VectorPartition?[] branches, Universe universe, DateOnly asOf, CancellationToken cancellationToken)
    {
        VectorBatch[] ofInstruments =
            [.. branches.Zip(_space.Branches).Where(pair => pair.First is not null && OwnerOf(pair.Second) == EntityKind.Instrument).Select(pair => pair.First!.Rows)];
        return new IssuerInstruments(_context.Inputs).ChooseAsync(
            _space.Instrument, universe, null, asOf, id => ofInstruments.Count(rows => rows.IndexOf(id) >= 0), cancellationToken);
    }

    private List<string> Candidates(VectorPartition?[] branches, Universe universe, IReadOnlyDictionary<string, Instrument> instruments)
    {
        foreach (string id in _named)
        {
            if (!universe.Issuers.ContainsKey(id))
                throw new NotFoundException("issuer", id, "it is not in the issuers table");
        }
        if (_named.Count > 0)
            return [.. _named.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

        var candidates = new SortedSet<string>(StringComparer.Ordinal);
        var issuerOf = universe.Instruments.ToDictionary(i => i.InstrumentId, i => i.IssuerId, StringComparer.Ordinal);
        for (int i = 0; i < branches.Length; i++)
        {
            bool ofInstruments = OwnerOf(_space.Branches[i]) == EntityKind.Instrument;
            foreach (var row in branches[i]?.Rows.Headers ?? [])
            {
                if (!ofInstruments)
                    candidates.Add(row.EntityId);
                else if (issuerOf.TryGetValue(row.EntityId, out string? issuerId) && instruments.GetValueOrDefault(issuerId)?.InstrumentId == row.EntityId)
                    candidates.Add(issuerId);
            }
        }
        return [.. candidates];
    }

    private RowHeader HeaderOf(string entityId, Universe universe, IReadOnlyDictionary<string, Instrument> instruments) => _space.Entity == EntityKind.Portfolio
        ? new RowHeader(entityId, Source: _space.Source)
        : new RowHeader(entityId, instruments.GetValueOrDefault(entityId)?.InstrumentId ?? "", universe.RegionOf(entityId, instruments.GetValueOrDefault(entityId)), _space.Source);

    private EntityKind OwnerOf(BranchManifest branch) => BranchOwner.Of(_space, branch);

    private static PartitionKey KeyOf(BranchManifest branch, DateOnly asOf) => new(branch.Kind, branch.ModelId, asOf);
}
