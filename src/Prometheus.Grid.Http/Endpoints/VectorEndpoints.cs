using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Columnar;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Http.Data;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Translation;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>Joint vectors: one, those of a date or a range in pages, and whole dates as arrays.</summary>
internal static class VectorEndpoints
{
    public static void MapVectors(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/spaces/{model_id}/dates/{as_of_date}/entities", EntitiesAsync)
            .Named("listEntities", "Who is in a space on a date, by id", "Vectors").Costs(WorkKind.Lookup).TaggedByDate();
        v1.MapGet("/spaces/{model_id}/dates/{as_of_date}/vectors", ListDateAsync)
            .Named("listVectorsOfDate", "The joint vectors of a date, by id", "Vectors").Costs(WorkKind.Lookup).TaggedByDate();
        v1.MapGet("/spaces/{model_id}/dates/{as_of_date}/vectors/{entity_id}", GetAsync)
            .Named("getVector", "A joint vector: the stored one, or one fused with other weights", "Vectors").Costs(WorkKind.Lookup);
        v1.MapGet("/spaces/{model_id}/vectors", ListAsync)
            .Named("listVectors", "Joint vectors by date and then by id", "Vectors").Costs(WorkKind.Lookup);
        v1.MapGet("/spaces/{model_id}/dates/{as_of_date}/vectors.npy", NpyAsync)
            .Named("getVectorsNpy", "The joint vectors of a date as a NumPy array of float32, a row an entity of vectors.ids.csv", "Vectors")
            .Costs(WorkKind.Study).TaggedByDate().Produces<byte[]>(contentType: NpyResult.ContentType);
        v1.MapGet("/spaces/{model_id}/dates/{as_of_date}/vectors.arrow", ArrowAsync)
            .Named("getVectorsArrow", "The joint vectors of a date as a stream of Arrow: ids and labels beside lists of fixed size of float32", "Vectors")
            .Costs(WorkKind.Study).TaggedByDate().Produces<byte[]>(contentType: ColumnarResult.ArrowType);
        v1.MapGet("/spaces/{model_id}/dates/{as_of_date}/vectors.ids.csv", IdsAsync)
            .Named("getVectorsIds", "Whose the rows of vectors.npy are", "Vectors").Costs(WorkKind.Lookup).TaggedByDate().Produces<string>(contentType: "text/csv");
    }

    private static async Task<EntitiesPage> EntitiesAsync(
        string model_id, string as_of_date, string? query, string? limit, string? cursor,
        IEmbeddingGrid grid, DateIndex index, IGridInputs inputs, GridHttpOptions options, CancellationToken cancellationToken)
    {
        int most = Parameters.Limit(limit, options.MaxPage);
        var (space, asOf) = (grid.Catalog.Space(model_id), Parameters.Day(nameof(as_of_date), as_of_date));
        var headers = (await index.ReadAsync(space, asOf, null, cancellationToken)).Headers;
        var universe = await inputs.ReadUniverseAsync(cancellationToken);
        var page = headers.Skip(Behind(headers, Cursor.Parse(cursor)?.Id))
            .Select(header => ToMessage(header, universe))
            .Where(entity => string.IsNullOrWhiteSpace(query) || entity.EntityId.Contains(query, StringComparison.OrdinalIgnoreCase) || entity.Name.Contains(query, StringComparison.OrdinalIgnoreCase))
            .Take(most + 1).ToList();
        return new EntitiesPage(space.ModelId, asOf, [.. page.Take(most)], page.Count > most ? new Cursor(null, page[most - 1].EntityId).ToString() : null);
    }

    private static async Task<VectorsPage> ListDateAsync(
        string model_id, string as_of_date, string? limit, string? cursor, string? as_known,
        IEmbeddingGrid grid, IGridStore store, DateIndex index, GridHttpOptions options, CancellationToken cancellationToken)
    {
        int most = Parameters.Limit(limit, options.MaxPage);
        var (space, asOf, asKnown) = (grid.Catalog.Space(model_id), Parameters.Day(nameof(as_of_date), as_of_date), Parameters.Time("as_known", as_known));
        var headers = (await index.ReadAsync(space, asOf, asKnown, cancellationToken)).Headers;
        int from = Behind(headers, Cursor.Parse(cursor)?.Id);
        var rows = await RowsAsync(store, space, asOf, [.. headers.Skip(from).Take(most).Select(header => header.EntityId)], asKnown, cancellationToken);
        return new VectorsPage(space.ModelId, rows, from + most < headers.Count ? new Cursor(asOf, headers[from + most - 1].EntityId).ToString() : null);
    }

    private static async Task<VectorMessage> GetAsync(
        HttpContext context, string model_id, string as_of_date, string entity_id, string? weights, string? as_known, IEmbeddingGrid grid, CancellationToken cancellationToken) =>
        (await grid.GetJointAsync(
            new JointQuery(
                Parameters.Id(context, nameof(entity_id)), Parameters.Day(nameof(as_of_date), as_of_date), model_id, Parameters.Weights(weights), Parameters.Time("as_known", as_known)),
            cancellationToken)).ToMessage();

    private static async Task<VectorsPage> ListAsync(
        string model_id, string? start, string? end, string? entity_id, string? limit, string? cursor, string? as_known,
        IEmbeddingGrid grid, IGridStore store, DateIndex index, GridHttpOptions options, CancellationToken cancellationToken)
    {
        int left = Parameters.Limit(limit, options.MaxPage);
        var space = grid.Catalog.Space(model_id);
        var asKnown = Parameters.Time("as_known", as_known);
        var range = Parameters.Range(start, end) ?? DateRange.All;
        var at = Cursor.Parse(cursor);
        var rows = new List<VectorMessage>();
        foreach (var date in await new SpaceReader(store).DatesAsync(space, range, cancellationToken))
        {
            if (at?.AsOf is { } begun && date < begun)
                continue;
            if (left == 0)
                return new VectorsPage(space.ModelId, rows, new Cursor(rows[^1].AsOfDate, rows[^1].EntityId).ToString());
            string after = at?.AsOf == date ? at.Id : "";
            IReadOnlyList<string> wanted = entity_id is null
                ? [.. (await HeadersAsync(index, space, date, asKnown, cancellationToken)).SkipWhile(header => string.CompareOrdinal(header.EntityId, after) <= 0).Take(left).Select(header => header.EntityId)]
                : string.CompareOrdinal(entity_id, after) > 0 ? [entity_id] : [];
            var page = wanted.Count == 0 ? [] : await RowsAsync(store, space, date, wanted, asKnown, cancellationToken);
            rows.AddRange(page);
            left -= page.Count;
        }
        // A page that ends with the last date is followed by an empty one, which costs less than to look ahead.
        return new VectorsPage(space.ModelId, rows, left == 0 ? new Cursor(rows[^1].AsOfDate, rows[^1].EntityId).ToString() : null);
    }

    private static async Task<IReadOnlyList<RowHeader>> HeadersAsync(
        DateIndex index, SpaceManifest space, DateOnly date, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        try
        {
            return (await index.ReadAsync(space, date, asKnown, cancellationToken)).Headers;
        }
        catch (NotFoundException) when (asKnown is not null)
        {
            return []; // A date that became known later is none of that time's.
        }
    }

    private static async Task<NpyResult> NpyAsync(
        string model_id, string as_of_date, string? as_known, IEmbeddingGrid grid, IGridStore store, CancellationToken cancellationToken) =>
        new((await new SpaceReader(store).JointAsync(
            grid.Catalog.Space(model_id), Parameters.Day(nameof(as_of_date), as_of_date), null, Parameters.Time("as_known", as_known), cancellationToken)).Rows);

    private static async Task<ColumnarResult> ArrowAsync(
        string model_id, string as_of_date, string? as_known, IEmbeddingGrid grid, IGridStore store, CancellationToken cancellationToken)
    {
        var (space, asOf) = (grid.Catalog.Space(model_id), Parameters.Day(nameof(as_of_date), as_of_date));
        var partition = await new SpaceReader(store).JointAsync(space, asOf, null, Parameters.Time("as_known", as_known), cancellationToken);
        return new ColumnarResult(
            ColumnarFormat.ArrowStream,
            [Column.Date("as_of_date"), Column.Text("entity_id"), Column.Text("instrument_id"), Column.Text("region"), Column.Text("source"), Column.Vector("vector", partition.Rows.Dimension)],
            Cells(asOf, partition.Rows),
            new Dictionary<string, string> { ["model_id"] = space.ModelId, ["version"] = partition.Version },
            "vectors.arrow");
    }

    private static IEnumerable<object?[]> Cells(DateOnly asOf, VectorBatch rows)
    {
        object?[] cells = new object?[6];
        cells[0] = asOf;
        for (int row = 0; row < rows.Count; row++)
        {
            var header = rows.Headers[row];
            (cells[1], cells[2], cells[3], cells[4]) = (header.EntityId, header.InstrumentId, header.Region, header.Source);
            cells[5] = rows.Values.Slice(row * rows.Dimension, rows.Dimension);
            yield return cells;
        }
    }

    private static async Task<IResult> IdsAsync(
        string model_id, string as_of_date, string? as_known, IEmbeddingGrid grid, DateIndex index, CancellationToken cancellationToken)
    {
        var date = Parameters.Day(nameof(as_of_date), as_of_date);
        var headers = (await index.ReadAsync(grid.Catalog.Space(model_id), date, Parameters.Time("as_known", as_known), cancellationToken)).Headers;
        return Results.Text(IdsTable.Of(date, headers), "text/csv; charset=utf-8");
    }

    private static int Behind(IReadOnlyList<RowHeader> headers, string? id)
    {
        if (id is null)
            return 0;
        int low = 0, high = headers.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (string.CompareOrdinal(headers[middle].EntityId, id) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private static async Task<IReadOnlyList<VectorMessage>> RowsAsync(
        IGridStore store, SpaceManifest space, DateOnly asOf, IReadOnlyList<string> ids, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        if (await store.Vectors.ReadAsync(new PartitionKey(BranchKind.Joint, space.ModelId, asOf), ids, asKnown, cancellationToken) is not { } partition)
            return [];
        var messages = new VectorMessage[partition.Rows.Count];
        for (int row = 0; row < messages.Length; row++)
        {
            var header = partition.Rows.Headers[row];
            messages[row] = new VectorMessage(asOf, header.EntityId, header.InstrumentId, header.Region, header.Source, space.ModelId, partition.Rows.Row(row).ToArray());
        }
        return messages;
    }

    private static EntityMessage ToMessage(RowHeader header, Core.Entities.Universe universe)
    {
        var issuer = universe.Issuers.GetValueOrDefault(header.EntityId);
        return new EntityMessage(
            header.EntityId, issuer?.Name ?? "", issuer?.Sector ?? "", issuer?.Industry ?? "", issuer?.Country ?? "", header.Region, header.InstrumentId);
    }
}
