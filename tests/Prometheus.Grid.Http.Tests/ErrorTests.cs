namespace Prometheus.Grid.Http.Tests;

/// <summary>Each kind of error, as its caller sees it.</summary>
public sealed class ErrorTests(DemoServer demo)
{
    private const string Search = $"/v1/spaces/{DemoServer.Space}/search";

    public static TheoryData<string, int, string?, string> Addresses => new()
    {
        { "/v1/nothing", 404, null, "address '/v1/nothing' not found" },
        { "/v1/issuers/ISS_NOBODY", 404, null, "issuer 'ISS_NOBODY' not found" },
        { "/v1/models/num-nothing-v9", 404, null, "model 'num-nothing-v9' not found" },
        { "/v1/spaces/joint-nothing-v9/dates", 404, null, "joint model 'joint-nothing-v9' not found" },
        { "/v1/spaces/joint%2Fprofile/dates", 400, "model_id", "model_id is 'joint/profile'; allowed: 1 to 64 lower-case letters, digits and hyphens" },
        { "/v1/spaces/..%2f..%2fetc/dates/2024-03-28/entities", 400, "model_id", "model_id is '../../etc'" },
        { "/v1/models/NUM", 400, "model_id", "model_id is 'NUM'" },
        { $"/v1/spaces/{DemoServer.Space}/dates/1999-01-01/entities", 404, null, "it has 3 dates from 2023-09-29 to 2024-03-28" },
        { $"/v1/spaces/{DemoServer.Space}/dates/28.03.2024/entities", 400, "as_of_date", "as_of_date is '28.03.2024'; allowed: a date as yyyy-MM-dd" },
        { $"/v1/spaces/{DemoServer.Space}/dates/2024-03-28/entities?limit=0", 400, "limit", "limit is '0'; allowed: a whole number of 1 or more" },
        { $"/v1/spaces/{DemoServer.Space}/dates/2024-03-28/entities?limit=100000", 422, "limit", "limit is '100000'; allowed: at most 10000" },
        { $"/v1/spaces/{DemoServer.Space}/dates/2024-03-28/entities?cursor=!", 400, "cursor", "next_cursor of the page before" },
        { $"/v1/spaces/{DemoServer.Space}/dates/2024-03-28/map?method=tsne", 400, "method", "method is 'tsne'; allowed: umap or pca" },
        { $"/v1/spaces/{DemoServer.Space}/dates/2024-03-28/vectors/ISS_NOBODY", 404, null, "issuer 'ISS_NOBODY' not found" },
        { $"/v1/spaces/{DemoServer.Space}/dates/2024-03-28/vectors/ISS_ACTZ?weights=text", 400, "weights", "branch=share pairs" },
        { $"/v1/spaces/{DemoServer.Space}/vectors?start=2024-03-28&end=2023-01-01", 400, "end", "a date on or after the start" },
        { "/v1/issuers/ISS_ACTZ/state?as_known=yesterday", 400, "as_known", "a time of RFC 3339" },
        { "/v1/issuers/ISS_ACTZ/state?vectors=1", 400, "vectors", "true or false" },
        { "/v1/portfolios/PF_NOBODY/holdings", 404, null, "positions of portfolio 'PF_NOBODY' not found" },
        { "/v1/backfills/nobody", 404, null, "backfill 'nobody' not found" },
    };

    public static TheoryData<string, int, string?, string> Bodies => new()
    {
        { "{", 400, "body", "allowed: an object with target, as_of_date" },
        { "[]", 400, "body", "allowed: an object with target, as_of_date" },
        { """{"as_of_date":"2024-03-28"}""", 400, "body", "an object with target, as_of_date" },
        { """{"target":{"entity_id":"ISS_ACTZ"},"as_of_date":"28.3.2024"}""", 400, "as_of_date", "a date as yyyy-MM-dd" },
        { """{"target":{"entity_id":"ISS_ACTZ"},"as_of_date":"2024-03-28","top_k":"5"}""", 400, "top_k", "a whole number" },
        { """{"target":{"entity_id":"ISS_ACTZ"},"as_of_date":"2024-03-28","top_k":0}""", 400, "top_k", "top_k is '0'; allowed: a whole number from 1" },
        { """{"target":{"entity_id":"ISS_ACTZ"},"as_of_date":"2024-03-28","top_k":1000000}""", 422, "top_k", "at most 100000" },
        { """{"target":{"entity_id":"ISS_ACTZ"},"as_of_date":"2024-03-28","topk":5}""", 400, "topk", "no such member; there are target, as_of_date" },
        { """{"target":{"entity_id":"ISS_ACTZ"},"as_of_date":"2024-03-28","top_k":5,"top_k":6}""", 400, "top_k", "whole number" },
        { """{"target":{"entity_id":"ISS_ACTZ","text":"x"},"as_of_date":"2024-03-28"}""", 400, "target", "one of entity_id, vector and text" },
        { """{"target":{},"as_of_date":"2024-03-28"}""", 400, "target", "one of entity_id, vector and text" },
        { """{"target":{"vector":[1,2]},"as_of_date":"2024-03-28"}""", 400, "vector", "384 values" },
        { """{"target":{"vector":["1"]},"as_of_date":"2024-03-28"}""", 400, "target.vector[0]", "a number, not in quotes" },
        { """{"target":{"text":"  "},"as_of_date":"2024-03-28"}""", 400, "text", "a text that is not blank" },
        { """{"target":{"entity_id":"ISS_ACTZ"},"as_of_date":"2024-03-28","weights":{"tone":1}}""", 400, null, "tone" },
        { """{"target":{"entity_id":"ISS_ACTZ"},"as_of_date":"2024-03-28","weights":{"text":-1}}""", 400, "weights", "finite shares of 0 or more" },
        { """{"target":{"entity_id":"ISS_ACTZ"},"as_of_date":"2024-03-28","filter":{"sector":"Nonsense"}}""", 400, "sector", "Health Care" },
        { """{"target":{"entity_id":"ISS_NOBODY"},"as_of_date":"2024-03-28"}""", 404, null, "issuer 'ISS_NOBODY' not found" },
        { """{"target":{"entity_id":"ISS_ACTZ"},"as_of_date":"1999-01-01"}""", 404, null, "it has 3 dates" },
        { """{"target":{"entity_id":"ISS_ACTZ"},"as_of_date":"2024-03-28","as_known":"2001-01-01T00:00:00Z"}""", 404, null, "the first became known" },
    };

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task A_bad_address_says_what_is_wrong(string path, int status, string? field, string says) => Check(await demo.GetAsync(path, status), status, field, says);

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_bad_body_says_what_is_wrong(string body, int status, string? field, string says) => Check(await demo.PostAsync(Search, body, status), status, field, says);

    [Fact]
    public async Task A_body_of_another_type_is_refused() =>
        Assert.Equal(415, (int)(await demo.Http.PostAsync(Search, new StringContent("{}", null, "text/plain"), TestContext.Current.CancellationToken)).StatusCode);

    [Fact]
    public async Task A_deadline_that_passes_is_a_problem_that_a_retry_can_help()
    {
        // Work of a second and more, so that a busy machine's timer is in time.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/evaluations");
        request.Content = new StringContent(
            """{"model_ids":["joint-profile-core-v3","num-profile-core-v2","text-classes-v1"],"start":"2023-09-29","end":"2024-03-28"}""", null, "application/json");
        request.Headers.Add("Grid-Timeout", "0.001");
        using var response = await demo.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(504, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    private static void Check(System.Text.Json.Nodes.JsonObject problem, int status, string? field, string says)
    {
        Assert.Equal(status, (int)problem["status"]!);
        Assert.Equal(status == 404 ? "not_found" : "bad_input", (string)problem["kind"]!);
        Assert.Contains(says, (string)problem["detail"]!, StringComparison.Ordinal);
        if (field is not null)
            Assert.Equal(field, (string)problem["field"]!);
        Assert.NotEmpty((string)problem["request_id"]!);
    }
}
