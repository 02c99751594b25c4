using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Http.Jobs;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>Backfills as jobs.</summary>
internal static class BackfillEndpoints
{
    public static void MapBackfills(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/backfills", StartAsync).Named("startBackfill", "Build vectors of a model for a date or a range", "Backfills").Costs(WorkKind.Lookup).Writes();
        v1.MapGet("/backfills", async (BackfillJobs jobs, CancellationToken cancellationToken) => new BackfillsPage(await jobs.ListAsync(cancellationToken)))
            .Named("listBackfills", "Backfills of this grid, newest first", "Backfills").Costs(WorkKind.Lookup);
        v1.MapGet("/backfills/{backfill_id}", (string backfill_id, BackfillJobs jobs, CancellationToken cancellationToken) => jobs.GetAsync(backfill_id, cancellationToken))
            .Named("getBackfill", "How a backfill stands", "Backfills").Costs(WorkKind.Lookup);
        v1.MapDelete("/backfills/{backfill_id}", (string backfill_id, BackfillJobs jobs, CancellationToken cancellationToken) => jobs.CancelAsync(backfill_id, cancellationToken))
            .Named("cancelBackfill", "End a backfill after the chunk under way; what is committed stays", "Backfills").Costs(WorkKind.Lookup).Writes();
        v1.MapGet("/backfills/{backfill_id}/events", EventsAsync)
            .Named("watchBackfill", "A backfill as it is now and each time that it has moved, as server-sent events", "Backfills").Costs(WorkKind.Stream)
            .Produces<BackfillJobMessage>(contentType: BackfillEvents.ContentType);
    }

    private static async Task<Accepted<BackfillJobMessage>> StartAsync(
        BackfillMessage request, [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey, IEmbeddingGrid grid, BackfillJobs jobs, CancellationToken cancellationToken)
    {
        KnownModel(request, grid);
        Guid? id = idempotencyKey is null ? null
            : Guid.TryParse(idempotencyKey, out var guid) ? guid
            : throw new BadInputException("Idempotency-Key", idempotencyKey, "a UUID, which names the backfill");
        var job = await jobs.StartAsync(request, id, cancellationToken);
        return TypedResults.Accepted($"/v1/backfills/{job.BackfillId}", job);
    }

    private static async Task<IResult> EventsAsync(string backfill_id, BackfillJobs jobs, TimeProvider time, CancellationToken cancellationToken)
    {
        // Said as a problem: once events flow, an error could not be.
        await jobs.GetAsync(backfill_id, cancellationToken);
        return new BackfillEvents(jobs.WatchAsync(backfill_id, CancellationToken.None), time);
    }

    private static void KnownModel(BackfillMessage request, IEmbeddingGrid grid)
    {
        if (request.Kind is BackfillKind.JointProfiles or BackfillKind.JointPortfolios)
            grid.Catalog.Space(request.ModelId);
        else
            grid.Catalog.Model(request.ModelId);
    }
}
