using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Prometheus.Grid.Http.OpenApi;

/// <summary>
/// An example for each operation, on the market of <c>grid demo</c>: whoever has run that can send each of them as it is, and a test does. Parameters have
/// their examples by name, bodies by operation.
/// </summary>
internal static class Examples
{
    private static readonly Dictionary<string, string> s_parameters = new(StringComparer.Ordinal)
    {
        ["model_id"] = "joint-profile-core-v3",
        ["as_of_date"] = "2024-03-28",
        ["entity_id"] = "ISS_ACTZ",
        ["issuer_id"] = "ISS_ACTZ",
        ["portfolio_id"] = "PF_000001",
        ["instrument_id"] = "ACTZ.US",
        ["as_of"] = "2024-03-28",
        ["start"] = "2023-09-29",
        ["end"] = "2024-03-28",
        ["from"] = "2023-12-29",
        ["to"] = "2024-03-28",
        ["top_k"] = "10",
        ["resolution"] = "1",
        ["query"] = "eling",
        ["sector"] = "Health Care",
        ["industry"] = "Biotechnology",
        ["country"] = "United States",
        ["limit"] = "10",
        ["method"] = "pca",
        ["neighbours"] = "10",
        ["vectors"] = "false",
        ["distances"] = "false",
        ["weights"] = "text=0.7,numeric=0.3",
    };

    /// <summary>Where an operation means something else by a name.</summary>
    private static readonly Dictionary<(string Operation, string Parameter), string> s_own = new()
    {
        [("getModel", "model_id")] = "num-profile-core-v2",
        [("putVector", "model_id")] = "num-portfolio-core-v1",
        [("putVector", "entity_id")] = "PF_EXAMPLE",
        [("getIssuerState", "id")] = "ISS_ACTZ",
        [("getPortfolioState", "id")] = "PF_000001",
        [("getAnalogues", "model_id")] = "joint-portfolio-core-v3",
        [("getAnalogues", "horizon")] = "21",
        [("getAnalogues", "top_k")] = "5",
        [("listPortfolios", "query")] = "PF_",
        [("listEntities", "query")] = "eling",
    };

    private static readonly Dictionary<string, Func<JsonNode>> s_bodies = new(StringComparer.Ordinal)
    {
        ["search"] = () => JsonNode.Parse("""
            { "target": { "entity_id": "ISS_ACTZ" }, "as_of_date": "2024-03-28", "top_k": 5, "weights": { "text": 0.7, "numeric": 0.3 }, "filter": { "country": "United States" }, "explain": true }
            """)!,
        ["searchMany"] = () => JsonNode.Parse("""
            {
              "searches": [
                { "target": { "entity_id": "ISS_ACTZ" }, "as_of_date": "2024-03-28", "top_k": 3 },
                { "target": { "text": "gene therapy for rare diseases" }, "as_of_date": "2024-03-28", "dates": { "start": "2023-09-29", "end": "2024-03-28" }, "top_k": 3 }
              ]
            }
            """)!,
        ["evaluate"] = () => JsonNode.Parse("""
            { "model_ids": ["joint-profile-core-v3"], "start": "2023-12-29", "end": "2023-12-29" }
            """)!,
        ["startBackfill"] = () => JsonNode.Parse("""
            { "kind": "numeric", "model_id": "num-regime-core-v2", "start": "2024-03-28", "end": "2024-03-28" }
            """)!,
        ["makeParquet"] = () => JsonNode.Parse("""
            { "name": "neighbours", "columns": [{ "name": "entity_id", "texts": ["ISS_ACTZ", "ISS_AGBA"] }, { "name": "cosine", "numbers": [1, 0.83] }] }
            """)!,
        ["putVector"] = () => new JsonObject { ["vector"] = new JsonArray([.. Enumerable.Range(0, 384).Select(i => (JsonNode)(i == 0 ? 1 : 0))]) },
    };

    public static Task AddTo(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        _ = (context, cancellationToken);
        string name = operation.OperationId!;
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            string key = parameter.Name!;
            if (s_own.TryGetValue((name, key), out string? example) || s_parameters.TryGetValue(key, out example))
                parameter.Example = example;
            if (key is "as_of" or "as_of_date" or "start" or "end" or "from" or "to" && parameter.Schema is OpenApiSchema date)
                date.Format = "date";
        }
        if (s_bodies.TryGetValue(name, out var body))
        {
            foreach (var content in operation.RequestBody!.Content!.Values)
                content.Example = body();
        }
        return Task.CompletedTask;
    }
}
