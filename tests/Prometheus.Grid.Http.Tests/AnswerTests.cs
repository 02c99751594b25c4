using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using Prometheus.Grid.Columnar;

namespace Prometheus.Grid.Http.Tests;

/// <summary>What answers are like beside their content: pages, tags, compression, names of requests, what browsers are told.</summary>
public sealed class AnswerTests(DemoServer demo)
{
    private const string Entities = $"/v1/spaces/{DemoServer.Space}/dates/{DemoServer.Day}/entities";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_have_everybody_once()
    {
        var whole = (await demo.GetAsync($"{Entities}?limit=10000"))["entities"]!.AsArray().Select(entity => (string)entity!["entity_id"]!).ToList();
        var paged = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await demo.GetAsync($"{Entities}?limit=97{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            paged.AddRange(page["entities"]!.AsArray().Select(entity => (string)entity!["entity_id"]!));
            cursor = (string?)page["next_cursor"];
        }
        Assert.True(whole.Count > 400);
        Assert.Equal(whole, paged);
    }

    [Fact]
    public async Task Issuers_are_found_best_match_first_and_paged()
    {
        var found = (await demo.GetAsync("/v1/issuers?query=actz"))["issuers"]!.AsArray();
        Assert.Equal(DemoServer.Issuer, (string)found[0]!["issuer_id"]!);
        var first = await demo.GetAsync("/v1/issuers?query=e&limit=5");
        var second = await demo.GetAsync($"/v1/issuers?query=e&limit=5&cursor={(string)first["next_cursor"]!}");
        var both = (await demo.GetAsync("/v1/issuers?query=e&limit=10"))["issuers"]!.AsArray().Select(issuer => (string)issuer!["issuer_id"]!);
        Assert.Equal(both, first["issuers"]!.AsArray().Concat(second["issuers"]!.AsArray()).Select(issuer => (string)issuer!["issuer_id"]!));
    }

    [Fact]
    public async Task A_date_that_did_not_change_is_not_sent_again()
    {
        using var first = await demo.Http.GetAsync(Entities, Token);
        var tag = first.Headers.ETag!;
        using var request = new HttpRequestMessage(HttpMethod.Get, Entities) { Headers = { IfNoneMatch = { tag } } };
        using var second = await demo.Http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task A_request_keeps_its_name_and_answers_are_not_for_others()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/issuers/ISS_NOBODY");
        request.Headers.Add("X-Request-Id", "night-17");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using var response = await demo.Http.SendAsync(request, Token);
        Assert.Equal("night-17", Assert.Single(response.Headers.GetValues("X-Request-Id")));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.StartsWith("default-src 'self'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Large_answers_are_compressed_for_those_who_take_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Entities) { Headers = { AcceptEncoding = { new StringWithQualityHeaderValue("br") } } };
        using var response = await demo.Http.SendAsync(request, Token);
        Assert.Equal("br", Assert.Single(response.Content.Headers.ContentEncoding));
    }

    [Fact]
    public async Task An_array_of_a_date_holds_the_vectors_that_pages_hold()
    {
        byte[] npy = await demo.Http.GetByteArrayAsync($"/v1/spaces/{DemoServer.Space}/dates/{DemoServer.Day}/vectors.npy", Token);
        string[] ids = (await demo.Http.GetStringAsync($"/v1/spaces/{DemoServer.Space}/dates/{DemoServer.Day}/vectors.ids.csv", Token)).TrimEnd().Split('\n')[1..];
        string header = Encoding.ASCII.GetString(npy, 10, npy[8] + (npy[9] << 8));
        Assert.Contains($"'shape': ({ids.Length}, 384)", header, StringComparison.Ordinal);
        Assert.Equal(0, (10 + header.Length) % 64);
        var page = (await demo.GetAsync($"/v1/spaces/{DemoServer.Space}/dates/{DemoServer.Day}/vectors?limit=3"))["vectors"]!.AsArray();
        for (int row = 0; row < 3; row++)
        {
            Assert.StartsWith($"{DemoServer.Day},{(string)page[row]!["entity_id"]!},", ids[row], StringComparison.Ordinal);
            for (int i = 0; i < 384; i++)
                Assert.Equal((float)page[row]!["vector"]![i]!, BitConverter.ToSingle(npy, 10 + header.Length + (((row * 384) + i) * sizeof(float))));
        }
    }

    [Fact]
    public async Task A_stream_of_Arrow_holds_the_same_vectors()
    {
        const string Date = $"/v1/spaces/{DemoServer.Space}/dates/{DemoServer.Day}";
        using var response = await demo.Http.GetAsync($"{Date}/vectors.arrow", Token);
        Assert.Equal("application/vnd.apache.arrow.stream", response.Content.Headers.ContentType!.MediaType);
        Assert.NotNull(response.Headers.ETag);
        byte[] npy = await demo.Http.GetByteArrayAsync($"{Date}/vectors.npy", Token);
        int values = 10 + npy[8] + (npy[9] << 8);
        string[] ids = (await demo.Http.GetStringAsync($"{Date}/vectors.ids.csv", Token)).TrimEnd().Split('\n')[1..];
        using var reader = new ColumnarReader(ColumnarFormat.ArrowStream, await response.Content.ReadAsStreamAsync(Token), "vectors.arrow");
        Assert.Equal(["as_of_date", "entity_id", "instrument_id", "region", "source", "vector"], reader.Columns);
        Assert.Equal(DemoServer.Space, reader.Metadata["model_id"]);
        int row = 0;
        foreach (var block in reader.Blocks([0, 1, 2, 3, 4, 5], Token))
        {
            using (block)
            {
                for (int i = 0; i < block.Count; i++, row++)
                {
                    Assert.Equal(ids[row], string.Join(',', block.Columns.Take(5).Select(cells => cells.Text(i))));
                    Assert.Equal(MemoryMarshal.Cast<byte, float>(npy.AsSpan(values + (row * 384 * sizeof(float)), 384 * sizeof(float))).ToArray(), block.Columns[5].Vector(i));
                }
            }
        }
        Assert.Equal(ids.Length, row);
    }

    [Fact]
    public async Task A_table_comes_back_as_a_Parquet_file()
    {
        const string Table = """
            {"name":"peers of é/../x","columns":[{"name":"id","texts":["A, B",null,"é"]},{"name":"cosine","numbers":[0.1,-2,null]},{"name":"as_of_date","dates":["2024-03-28",null,"1999-12-31"]}]}
            """;
        using var response = await demo.Http.PostAsync("/v1/tables/parquet", new StringContent(Table, null, "application/json"), Token);
        Assert.Equal("application/vnd.apache.parquet", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("peersofx.parquet", response.Content.Headers.ContentDisposition!.FileName);
        using var file = new MemoryStream(await response.Content.ReadAsByteArrayAsync(Token));
        using var reader = new ColumnarReader(ColumnarFormat.Parquet, file, "table");
        Assert.Equal(["id", "cosine", "as_of_date"], reader.Columns);
        using var block = Assert.Single(reader.Blocks([0, 1, 2], Token));
        string Cell(int column, int row) => block.Columns[column].IsMissing(row) ? "-" : block.Columns[column].Text(row);
        Assert.Equal(["A, B", "-", "é"], Enumerable.Range(0, 3).Select(row => Cell(0, row)));
        Assert.Equal(["0.1", "-2", "-"], Enumerable.Range(0, 3).Select(row => Cell(1, row)));
        Assert.Equal(["2024-03-28", "-", "1999-12-31"], Enumerable.Range(0, 3).Select(row => Cell(2, row)));
    }

    [Theory]
    [InlineData("""{"columns":[]}""", "columns", "at least one column")]
    [InlineData("""{"columns":[{"name":"a"}]}""", "columns[0]", "one of texts, numbers and dates")]
    [InlineData("""{"columns":[{"name":"a","texts":[],"numbers":[]}]}""", "columns[0]", "one of texts, numbers and dates")]
    [InlineData("""{"columns":[{"name":"a","texts":["x"]},{"name":"b","numbers":[1,2]}]}""", "columns[1]", "1 cells, as many as the first column has")]
    [InlineData("""{"columns":[{"name":"a","texts":["x"]},{"name":"a","numbers":[1]}]}""", "columns[1].name", "no other column has")]
    [InlineData("""{"columns":[{"name":"a","dates":["1.1.2024"]}]}""", "columns[0].dates[0]", "a date as yyyy-MM-dd")]
    public async Task A_table_that_is_none_is_refused(string body, string field, string says)
    {
        var problem = await demo.PostAsync("/v1/tables/parquet", body, 400);
        Assert.Equal(field, (string)problem["field"]!);
        Assert.Contains(says, (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_searches_answer_as_one_by_one_and_say_what_is_wrong_with_each()
    {
        string Search(string id) => $$"""{"target":{"entity_id":"{{id}}"},"as_of_date":"{{DemoServer.Day}}","top_k":4}""";
        var many = await demo.PostAsync($"/v1/spaces/{DemoServer.Space}/searches", $$"""{"searches":[{{Search(DemoServer.Issuer)}},{{Search("ISS_NOBODY")}}]}""");
        var one = await demo.PostAsync($"/v1/spaces/{DemoServer.Space}/search", Search(DemoServer.Issuer));
        Assert.Equal(one.ToJsonString(), many["answers"]![0]!["answer"]!.ToJsonString());
        Assert.Equal(404, (int)many["answers"]![1]!["problem"]!["status"]!);
        Assert.True((bool)one["exact"]!);
        Assert.True((long)one["candidates"]! > 400);
    }

    [Fact]
    public async Task A_put_is_stored_once_and_searched_at_once()
    {
        string body = $$"""{"vector":[{{string.Join(',', Enumerable.Range(0, 384).Select(i => i % 3))}}]}""";
        const string Path = "/v1/models/num-portfolio-core-v1/dates/2024-03-28/vectors/PF%2FA%20b";
        var first = await DemoServer.SendAsync(demo.Http, HttpMethod.Put, Path, body);
        var second = await DemoServer.SendAsync(demo.Http, HttpMethod.Put, Path, body);
        Assert.True((bool)first["changed"]!);
        Assert.False((bool)second["changed"]!);
        Assert.Equal("PF/A b", (string)(await demo.GetAsync("/v1/portfolios/PF%2FA%20b/state"))["id"]!);
        Assert.Contains("joint-portfolio-core-v1", first["joint_model_ids"]!.AsArray().Select(id => (string)id!));
    }

    [Fact]
    public async Task The_page_is_there_and_nothing_beside_it()
    {
        using var page = await demo.Http.GetAsync("/", Token);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        foreach (string outside in (string[])["/index.html/../../appsettings.json", "/..%2f..%2fetc%2fpasswd", "/wwwroot/index.html", "/.git/config"])
            Assert.Equal(HttpStatusCode.NotFound, (await demo.Http.GetAsync(outside, Token)).StatusCode);
    }

    [Fact]
    public async Task More_work_than_can_wait_is_refused_with_a_time_to_come_back()
    {
        await using var server = await DemoServer.StartAsync(Directory.CreateTempSubdirectory("grid-busy-").FullName, new GridHttpOptions { RequestsPerSecond = 1 });
        using var http = DemoServer.ClientOf(server);
        var statuses = new List<int>();
        for (int i = 0; i < 20; i++)
        {
            using var response = await http.GetAsync("/v1/spaces", Token);
            statuses.Add((int)response.StatusCode);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
                Assert.NotNull(response.Headers.RetryAfter);
        }
        Assert.Contains(200, statuses);
        Assert.Contains(429, statuses);
        Assert.All(statuses, status => Assert.True(status is 200 or 429));
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_unread()
    {
        await using var server = await DemoServer.StartAsync(Directory.CreateTempSubdirectory("grid-body-").FullName, new GridHttpOptions { MaxBodyBytes = 1_000 });
        using var http = DemoServer.ClientOf(server);
        await DemoServer.SendAsync(http, HttpMethod.Post, $"/v1/spaces/{DemoServer.Space}/search", new string(' ', 2_000), 413);
    }
}
