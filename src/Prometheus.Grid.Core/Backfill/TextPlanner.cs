using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>Text vectors of issuers from their profiles.</summary>
internal sealed class TextPlanner(TextBackfill request, BackfillContext context) : IBackfillPlanner
{
    public Task<IReadOnlyList<DateOnly>> DatesAsync(CancellationToken cancellationToken) =>
        context.DatesAsync(request.Dates, InputTable.Profiles, cancellationToken);

    public async Task<BackfillPlan> PlanAsync(DateOnly asOf, CancellationToken cancellationToken)
    {
        var model = context.Catalog.Model(request.ModelId, BranchKind.Text, EntityKind.Issuer);
        var encoder = await CachedTextEncoder.OverAsync(
            await context.Encoders.TextAsync(context.For(model, asOf), cancellationToken),
            context.Store.Artifacts, model.ModelId, asOf, cancellationToken);
        var issuers = await context.Inputs.ProfileIssuersAsync(asOf, cancellationToken);
        if (issuers.Count == 0)
            throw new NotFoundException("profiles as of", DateRange.Text(asOf), await context.DatesHintAsync(InputTable.Profiles, cancellationToken));
        string[] ids = [.. issuers.Take(request.Limit ?? int.MaxValue)];

        return new BackfillPlan(
            new PartitionKey(BranchKind.Text, model.ModelId, asOf),
            encoder.Dimension,
            "profile",
            await context.Inputs.VersionAsync(InputTable.Profiles, cancellationToken),
            ids,
            issuers.Count - ids.Length,
            encoder.Fingerprint is null, // What is remembered has one writer.
            async (chunk, token) => await EncodeAsync(encoder, asOf, chunk, token));
    }

    private async Task<EncodedChunk> EncodeAsync(ITextEncoder encoder, DateOnly asOf, IReadOnlyList<string> chunk, CancellationToken token)
    {
        var profiles = await context.Inputs.ProfilesAsync(asOf, chunk, token);
        string[] ids = [.. profiles.Select(profile => profile.IssuerId)];
        string[] documents = [.. profiles.Select(profile => profile.Document)];
        int[] filled = [.. Enumerable.Range(0, documents.Length).Where(i => documents[i].Length > 0)];

        float[] encoded = new float[filled.Length * encoder.Dimension];
        using var activity = BackfillActivity.Encoding();
        await encoder.EncodeAsync([.. filled.Select(i => documents[i])], encoded, token);

        float[] values = new float[ids.Length * encoder.Dimension];
        var reasons = new SkipReason?[ids.Length];
        Array.Fill(reasons, new SkipReason("empty document"));
        for (int f = 0; f < filled.Length; f++)
        {
            ReadOnlySpan<float> vector = encoded.AsSpan(f * encoder.Dimension, encoder.Dimension);
            vector.CopyTo(values.AsSpan(filled[f] * encoder.Dimension));
            reasons[filled[f]] = vector.ContainsAnyExcept(0f) ? null : new SkipReason("no known word in document");
        }
        return ChunkEncoding.Pack(ids, encoder.Dimension, i => new RowHeader(ids[i], Source: "PROFILE"), values, reasons);
    }
}
