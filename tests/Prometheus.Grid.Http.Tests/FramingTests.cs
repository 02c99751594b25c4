using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Prometheus.Grid.Http.Tests;

/// <summary>
/// Requests whose size a proxy in front may read otherwise than the server behind it, so that what one takes for a body the other takes for somebody's next
/// request. Such a request is refused and its connection closed: nothing that follows on it is answered.
/// </summary>
public sealed partial class FramingTests(DemoServer demo)
{
    private const string Body = "{}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Ambiguous => new()
    {
        { "both sizes", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "both sizes, the other way round", "Transfer-Encoding: chunked\r\nContent-Length: 100\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}" },
        { "two lengths in one", "Content-Length: 2, 3\r\n\r\n{}" },
        { "a negative length", "Content-Length: -2\r\n\r\n{}" },
        { "a hexadecimal length", "Content-Length: 0x2\r\n\r\n{}" },
        { "a length beyond all numbers", "Content-Length: 99999999999999999999\r\n\r\n{}" },
        { "a coding that is none", "Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "chunked not last", "Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "a blank before the colon", "Transfer-Encoding : chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "a folded header", "Transfer-Encoding:\r\n chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
        { "a size of a chunk beyond all numbers", "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n" },
        { "a negative size of a chunk", "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n" },
        // CVE-2025-55315: the lone line feed ends the extension for some, and not for others.
        { "a lone line feed in an extension of a chunk", "Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\n{}\r\n0\r\n\r\n" },
        { "a chunk that is longer than its size", "Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Ambiguous))]
    public async Task A_request_of_doubtful_size_is_refused_with_all_that_follows_it(string what, string rest)
    {
        string answers = await SendAsync($"POST /v1/spaces/{DemoServer.Space}/search HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n{rest}");
        Assert.True(StatusLine().Count(answers) == 1, $"{what}: {answers}");
        Assert.StartsWith("HTTP/1.1 400 ", answers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_of_one_size_is_answered_and_so_is_the_next()
    {
        string start = $"POST /v1/spaces/{DemoServer.Space}/search HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n";
        Assert.Equal(2, StatusLine().Count(await SendAsync($"{start}Content-Length: {Body.Length}\r\n\r\n{Body}")));
        Assert.Equal(2, StatusLine().Count(await SendAsync($"{start}Transfer-Encoding: chunked\r\n\r\n2\r\n{Body}\r\n0\r\n\r\n")));
    }

    /// <summary>RFC 9112 has digits alone. Kestrel takes the sign, and its text is gone before any code of ours sees the request; what counts is that it is no other number.</summary>
    [Fact]
    public async Task A_length_with_a_sign_is_the_length_without() => Assert.Equal(2, StatusLine().Count(await SendAsync(
        $"POST /v1/spaces/{DemoServer.Space}/search HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: +{Body.Length}\r\n\r\n{Body}")));

    [Fact]
    public async Task A_compressed_body_is_not_unpacked()
    {
        using var content = new ByteArrayContent([0x1f, 0x8b, 8, 0]);
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await demo.Http.PostAsync($"/v1/spaces/{DemoServer.Space}/search", content, Token);
        Assert.Equal(400, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_body_without_a_length_is_cut_off_at_the_limit()
    {
        // 17 chunks of a MiB, and no end: more is not asked for.
        byte[] chunk = Encoding.ASCII.GetBytes($"100000\r\n{new string(' ', 1 << 20)}\r\n");
        string answers = await SendAsync(
            $"POST /v1/spaces/{DemoServer.Space}/search HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", chunk, times: 17);
        Assert.StartsWith("HTTP/1.1 413 ", answers, StringComparison.Ordinal);
        Assert.Single(StatusLine().Matches(answers));
    }

    /// <summary>Sends a request, what belongs to it so many times, and another request behind it, and gives all that comes back until the server closes.</summary>
    private async Task<string> SendAsync(string request, byte[]? rest = null, int times = 0)
    {
        var server = demo.Http.BaseAddress!;
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Host, server.Port, Token);
        await using var stream = socket.GetStream();
        byte[] Own(string text) => Encoding.ASCII.GetBytes(text.Replace("HOST", server.Authority, StringComparison.Ordinal));
        var sending = WriteAsync(stream, [Own(request), .. Enumerable.Repeat(rest ?? [], times), Own("GET /v1/spaces HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n")]);
        var answers = new StringBuilder();
        byte[] buffer = new byte[65_536];
        try
        {
            for (int count; (count = await stream.ReadAsync(buffer, Token)) > 0;)
                answers.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
        catch (IOException)
        {
            // Closed while it was still being sent to; what it had answered has arrived.
        }
        await sending;
        return answers.ToString();
    }

    private static async Task WriteAsync(NetworkStream stream, byte[][] parts)
    {
        try
        {
            foreach (byte[] part in parts)
                await stream.WriteAsync(part, Token);
        }
        catch (IOException)
        {
            // The server has heard enough.
        }
    }

    [GeneratedRegex("^HTTP/1\\.1 [0-9]{3} ", RegexOptions.Multiline)]
    private static partial Regex StatusLine();
}
