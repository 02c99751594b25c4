using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Search;

/// <summary>Turns what a query names (an entity, a text, a vector) into the vector that candidates are compared with.</summary>
internal sealed class TargetResolver(IGridStore store, ModelCatalog catalog, EncoderRegistry encoders)
{
    private readonly SpaceReader _spaces = new(store);

    /// <summary>The joint row that a target takes, none or one; what is to be read before it can be resolved.</summary>
    public static IReadOnlyCollection<string> RowOf(SimilarityTarget target) => target switch
    {
        SimilarityTarget.Entity entity => [entity.EntityId],
        SimilarityTarget.Text { BesideEntityId: { } entityId } => [entityId],
        _ => [],
    };

    /// <param name="query">The query.</param>
    /// <param name="space">Its space, with the branch models that the rows of the target date were fused from.</param>
    /// <param name="shares">Shares of the branches, or empty.</param>
    /// <param name="stored">The joint rows of the date: that of <see cref="RowOf"/>, if it is there; null when the date has none.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public Task<SearchTarget> ResolveAsync(
        SimilarityQuery query, SpaceManifest space, double[] shares, VectorPartition? stored, CancellationToken cancellationToken) =>
        query.Target switch
        {
            SimilarityTarget.Entity entity => OfEntityAsync(query, space, shares, entity.EntityId, stored, cancellationToken),
            SimilarityTarget.Text text => OfTextAsync(query, space, shares, text, stored, cancellationToken),
            SimilarityTarget.Vector vector => Task.FromResult(OfVector(query, space, shares, vector.Values)),
            _ => throw new ArgumentOutOfRangeException(nameof(query), query.Target, "unknown target"),
        };

    private async Task<SearchTarget> OfEntityAsync(
        SimilarityQuery query, SpaceManifest space, double[] shares, string entityId, VectorPartition? stored, CancellationToken cancellationToken)
    {
        var row = await RowAsync(query, space, entityId, stored, cancellationToken);
        if (shares.Length == 0 && !query.Explain)
            return new SearchTarget(row.Row(0), null, entityId, query.AsOf);
        var branches = await BranchesOfAsync(query, space, row.Headers, cancellationToken);
        return new SearchTarget(shares.Length == 0 ? row.Row(0) : Fuse(space, branches, shares, entityId), branches, entityId, query.AsOf);
    }

    private async Task<SearchTarget> OfTextAsync(
        SimilarityQuery query, SpaceManifest space, double[] shares, SimilarityTarget.Text text, VectorPartition? stored, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(text.Document))
            throw new BadInputException(nameof(SimilarityTarget.Text), text.Document, "a text that is not blank");
        int[] texts = [.. Enumerable.Range(0, space.Branches.Count).Where(i => space.Branches[i].Kind == BranchKind.Text)];
        if (texts.Length == 0)
            throw new BadInputException(nameof(SimilarityTarget.Text), text.Document, $"a space with a text branch; {space.ModelId} has none");

        var branches = new ReadOnlyMemory<float>[space.Branches.Count];
        if (text.BesideEntityId is { } entityId)
        {
            var row = await RowAsync(query, space, entityId, stored, cancellationToken);
            branches = await BranchesOfAsync(query, space, row.Headers, cancellationToken);
        }
        foreach (int index in texts)
            branches[index] = await EncodeAsync(text.Document, space.Branches[index].ModelId, query.AsOf, cancellationToken);
        // A branch whose model knows no word of the text stays zero and counts nothing beside one that does.
        if (texts.All(index => !branches[index].Span.ContainsAnyExcept(0f)))
            throw new BadInputException(nameof(SimilarityTarget.Text), text.Document, $"a text with at least one word that {string.Join(" or ", texts.Select(i => space.Branches[i].ModelId))} knows");
        return new SearchTarget(Fuse(space, branches, shares, "the text"), branches, text.BesideEntityId, query.AsOf);
    }

    private async Task<float[]> EncodeAsync(string document, string modelId, DateOnly asOf, CancellationToken cancellationToken)
    {
        var encoder = await encoders.TextAsync(
            new EncoderContext(catalog.Model(modelId), asOf, null, store.Inputs, store.Artifacts, store.Vectors), cancellationToken);
        float[] encoded = new float[encoder.Dimension];
        await encoder.EncodeAsync([document], encoded, cancellationToken);
        return encoded;
    }

    private static SearchTarget OfVector(SimilarityQuery query, SpaceManifest space, double[] shares, ReadOnlyMemory<float> values)
    {
        if (values.Length != space.Dimension)
            throw new BadInputException(nameof(SimilarityTarget.Vector), $"{values.Length} values", $"{space.Dimension} values, the dimension of {space.ModelId}");
        foreach (float value in values.Span)
        {
            if (!float.IsFinite(value))
                throw new BadInputException(nameof(SimilarityTarget.Vector), value, "finite values");
        }
        if (!values.Span.ContainsAnyExcept(0f))
            throw new BadInputException(nameof(SimilarityTarget.Vector), "all zero", "a vector with a direction");
        if (shares.Length == 0 && !query.Explain)
            return new SearchTarget(values, null, null, query.AsOf);

        ReadOnlyMemory<float>[] branches = BranchFusion.For(space) switch
        {
            BlockFusion blocks => [.. Enumerable.Range(0, space.Branches.Count).Select(blocks.Block).Select(b => values.Slice(b.Start, b.Length))],
            IdentityFusion => [values],
            _ => throw new BadInputException(
                shares.Length > 0 ? nameof(query.Weights) : nameof(query.Explain), "with a vector", $"an issuer instead; the branches of a {space.ModelId} vector cannot be told apart"),
        };
        return new SearchTarget(shares.Length == 0 ? values : Fuse(space, branches, shares, "the vector"), branches, null, query.AsOf);
    }

    private async Task<VectorBatch> RowAsync(
        SimilarityQuery query, SpaceManifest space, string entityId, VectorPartition? stored, CancellationToken cancellationToken)
    {
        if (stored is null)
            throw await _spaces.NoVectorsAsync(space, query.AsOf, query.AsKnown, cancellationToken);
        return stored.Rows.Count > 0 ? stored.Rows : throw SpaceReader.NoVector(space, entityId, query.AsOf);
    }

    private async Task<ReadOnlyMemory<float>[]> BranchesOfAsync(
        SimilarityQuery query, SpaceManifest space, IReadOnlyList<RowHeader> row, CancellationToken cancellationToken)
    {
        var vectors = await _spaces.BranchesAsync(space, query.AsOf, row, allRows: false, query.AsKnown, cancellationToken);
        return [.. vectors.Select(branch => branch[0])];
    }

    private static float[] Fuse(SpaceManifest space, ReadOnlyMemory<float>[] branches, double[] shares, string target)
    {
        float[] joint = new float[space.Dimension];
        if (BranchFusion.For(space).Fuse(branches, shares, joint) is { } missing)
            throw new NotFoundException("branch vector of", target, $"{missing.Code}: {missing.Detail}; leave the branch out of the weights");
        return joint;
    }
}
