using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Prometheus.Grid.EndToEnd;

/// <summary><c>./grid serve</c> as its users run it, and the commands that ask it with <c>--server</c>.</summary>
public sealed partial class ServeTests
{
    private const string Day = "2024-06-28", Space = "joint-profile-core-v3";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_print_through_a_server_what_they_print_on_its_folder()
    {
        using var folder = await BuiltAsync(issuers: 60);
        string issuer = File.ReadLines(folder.File("issuers.csv")).Skip(1).First().Split(',')[0];
        string drawn = folder.File("map.csv"), drawnThere = folder.File("there.csv");
        string[][] commands =
        [
            ["find-similar-profiles", "--issuer-id", issuer, "--as-of", Day, "--model-id", Space, "--explain"],
            ["find-similar-profiles", "--issuer-id", issuer, "--as-of", Day, "--model-id", Space, "--weights", "text=0.7,numeric=0.3", "--top-k", "30", "--max-per-sector", "2", "--exclude", "ISS_NOBODY"],
            ["find-similar-profiles", "--text", "insurance and banking", "--as-of", Day, "--model-id", Space, "--format", "json"],
            ["find-similar-profiles", "--issuer-id", issuer, "--as-of", Day, "--start", "2024-01-01", "--end", Day, "--model-id", Space],
            ["show-joint-profiles", "--as-of", Day, "--model-id", Space],
            ["show-joint-profiles", "--as-of", Day, "--model-id", Space, "--issuer-id", issuer, "--format", "json"],
            ["history", "--issuer-id", issuer, "--model-id", Space],
            ["spaces", "list"],
            ["spaces", "show", Space],
            ["find-similar-profiles", "--issuer-id", "ISS_NOBODY", "--as-of", Day, "--model-id", Space],
            ["find-similar-profiles", "--issuer-id", issuer, "--as-of", "1999-01-01", "--model-id", Space],
        ];
        var here = new List<GridOutput>();
        foreach (string[] command in commands)
            here.Add(await folder.RunAsync(command));
        (await folder.RunAsync("map", "--space", Space, "--as-of", Day, "--out", drawn)).Succeeded();
        await using var server = await ServeProcess.StartAsync(folder.Path);
        foreach (var (command, expected) in commands.Zip(here))
        {
            var there = await GridProcess.RunAsync(null, [.. command, "--server", server.Url]);
            Assert.Equal((expected.ExitCode, expected.Text, expected.Errors), (there.ExitCode, there.Text, there.Errors));
        }
        (await GridProcess.RunAsync(null, "map", "--space", Space, "--as-of", Day, "--out", drawnThere, "--server", server.Url)).Succeeded();
        Assert.Equal(await File.ReadAllTextAsync(drawn, Token), await File.ReadAllTextAsync(drawnThere, Token));
        var backfill = (await GridProcess.RunAsync(null, "backfill-profile-text-embeddings", "--as-of", Day, "--model-id", "text-lsa-v1", "--server", server.Url)).Succeeded();
        Assert.Equal([["written", "0"], ["unchanged", "59"]], backfill.Rows.Select(row => (string[])[row[2], row[4]]));
        foreach (string[] command in (string[][])[["verify"], ["vacuum"], ["demo"], ["export", "--model-id", Space, "--as-of", Day, "--out", folder.File("x.npy")], ["models", "list"]])
        {
            var refused = await GridProcess.RunAsync(null, [.. command, "--server", server.Url]);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("--data DIR or --postgres CONNSTRING", refused.Errors, StringComparison.Ordinal);
        }
        Assert.Equal(0, await server.StopAsync());
        // A server in good health has nothing to tell but where it is.
        Assert.DoesNotContain(" Information ", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_nobody_is_and_one_that_is_none_are_told_apart_from_answers()
    {
        var nobody = await GridProcess.RunAsync(null, "spaces", "list", "--server", "ftp://127.0.0.1");
        Assert.Equal(2, nobody.ExitCode);
        var reach = await GridProcess.RunAsync(null, "serve", "--urls", "http://0.0.0.0:0");
        Assert.Equal(2, reach.ExitCode);
        Assert.Contains("--urls is 'http://0.0.0.0:0'", reach.Errors, StringComparison.Ordinal);
        Assert.Contains("grid api-key", reach.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_opens_a_server_and_its_role_decides()
    {
        using var folder = await DataFolder.OfSyntheticAsync(issuers: 5, weekdays: 30);
        string keys = folder.File("keys.txt");
        string key = (await GridProcess.RunAsync(null, "api-key", "--name", "desk", "--role", "read", "--file", keys)).Succeeded().Rows[0][2];
        await using var server = await ServeProcess.StartAsync(folder.Path, "--api-key-file", keys);
        var without = await GridProcess.RunAsync(null, "spaces", "list", "--server", server.Url);
        Assert.Equal(2, without.ExitCode);
        Assert.Contains("a key of this server is needed", without.Errors, StringComparison.Ordinal);
        (await GridProcess.RunWithKeyAsync(key, "spaces", "list", "--server", server.Url)).Succeeded();
        var write = await GridProcess.RunWithKeyAsync(key, "backfill-profile-text-embeddings", "--as-of", Day, "--model-id", "text-hash-v1", "--server", server.Url);
        Assert.Equal(2, write.ExitCode);
        Assert.Contains("may only ask", write.Errors, StringComparison.Ordinal);
        // Who may only ask is told what a server is for, and not which machines it is made of.
        var doctor = (await GridProcess.RunWithKeyAsync(key, "doctor", "--format", "csv", "--server", server.Url)).Succeeded();
        Assert.Contains(doctor.Rows, row => row[0] == "server" && row[1] == "ok");
        Assert.Contains(doctor.Rows, row => row[0] == "diagnosis" && row[1] == "missing" && row[3].Contains("role write", StringComparison.Ordinal));
        Assert.DoesNotContain(doctor.Rows, row => row[0].StartsWith("member", StringComparison.Ordinal));
        Assert.DoesNotContain(key, server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_asks_a_server_what_an_operator_would_look_for()
    {
        using var folder = await BuiltAsync(issuers: 10);
        await using var server = await ServeProcess.StartAsync(folder.Path);
        var doctor = (await GridProcess.RunAsync(null, "doctor", "--format", "json", "--server", server.Url)).Succeeded();
        foreach (string what in (string[])["runtime", "server", "clock", "version", "ready", "store", "disk", "memory", "telemetry", "keys", $"dates of {Space}"])
            Assert.Contains(doctor.JsonRows, row => row[0] == what && row[1] is ("ok" or "warning"));
        Assert.Contains(doctor.JsonRows, row => row[0].StartsWith("member 127.0.0.1:", StringComparison.Ordinal) && row[2] == "active, this one");
        Assert.EndsWith($"the latest {Day}", doctor.JsonRows.Single(row => row[0] == $"dates of {Space}")[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_killed_loses_nothing_acknowledged_and_its_job_goes_on()
    {
        using var folder = await DataFolder.OfSyntheticAsync(issuers: 3_000, portfolios: 1, weekdays: 80);
        var random = new Random(20240628);
        for (int trial = 0; trial < 4; trial++)
        {
            string job;
            var acknowledged = new List<string>();
            await using (var server = await ServeProcess.StartAsync(folder.Path))
            {
                using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
                string model = trial % 2 == 0 ? "num-regime-core-v1" : "text-hash-v1";
                using var started = await http.PostAsJsonAsync("/v1/backfills", new { kind = trial % 2 == 0 ? "numeric" : "text", model_id = model, start = Day, end = Day }, Token);
                job = (string)JsonNode.Parse(await started.Content.ReadAsStringAsync(Token))!["backfill_id"]!;
                var killed = server.KillAfterAsync(TimeSpan.FromMilliseconds(random.Next(50, 600)));
                try
                {
                    for (int i = 0; ; i++)
                    {
                        string id = $"PF_{trial}_{i}";
                        using var put = await http.PutAsJsonAsync(
                            $"/v1/models/num-portfolio-core-v1/dates/2020-01-0{trial + 1}/vectors/{id}", new { vector = Enumerable.Range(0, 384).Select(x => (x + i) % 7) }, Token);
                        if (put.IsSuccessStatusCode)
                            acknowledged.Add(id);
                    }
                }
                catch (HttpRequestException)
                {
                    // The server is dead: what it did not acknowledge it may have stored or not.
                }
                await killed;
            }
            await using var next = await ServeProcess.StartAsync(folder.Path);
            using var again = new HttpClient { BaseAddress = new Uri(next.Url) };
            // Ends with the job.
            await again.GetStringAsync($"/v1/backfills/{job}/events", Token);
            Assert.Equal("succeeded", (string)JsonNode.Parse(await again.GetStringAsync($"/v1/backfills/{job}", Token))!["status"]!);
            foreach (string id in acknowledged)
                Assert.Single(JsonNode.Parse(await again.GetStringAsync($"/v1/portfolios/{id}/state", Token))!["branches"]!.AsArray());
        }
        (await folder.RunAsync("verify")).Succeeded();
    }

    private static async Task<DataFolder> BuiltAsync(int issuers)
    {
        var folder = await DataFolder.OfSyntheticAsync(issuers, weekdays: 520);
        foreach (string model in (string[])["num-profile-core-v2", "num-regime-core-v2"])
            (await folder.RunAsync("backfill-numeric-embeddings", "--as-of", Day, "--model-id", model)).Succeeded();
        foreach (string model in (string[])["text-lsa-v1", "text-classes-v1"])
            (await folder.RunAsync("backfill-profile-text-embeddings", "--as-of", Day, "--model-id", model)).Succeeded();
        (await folder.RunAsync("backfill-joint-profiles", "--as-of", Day, "--joint-model-id", Space)).Succeeded();
        return folder;
    }

    /// <summary>A server in a process of its own; it ends with this object.</summary>
    private sealed partial class ServeProcess : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly List<string> _lines = [];
        private readonly TaskCompletionSource<string> _url = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private ServeProcess(Process process)
        {
            _process = process;
            process.EnableRaisingEvents = true;
            process.ErrorDataReceived += (_, line) => Hear(line.Data);
            process.OutputDataReceived += (_, line) => Hear(line.Data);
            process.Exited += (_, _) => _url.TrySetException(new InvalidOperationException($"the server ended: {Log}"));
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
        }

        public string Url => _url.Task.Result;

        public string Log
        {
            get
            {
                lock (_lines)
                    return string.Join('\n', _lines);
            }
        }

        public static async Task<ServeProcess> StartAsync(string folder, params string[] more)
        {
            var server = new ServeProcess(GridProcess.Start(folder, ["serve", "--urls", "http://127.0.0.1:0", .. more]));
            await server._url.Task.WaitAsync(Token);
            return server;
        }

        public async Task KillAfterAsync(TimeSpan time)
        {
            await Task.Delay(time, Token);
            _process.Kill();
            await _process.WaitForExitAsync(Token);
        }

        /// <summary>Asks it to end as a service manager does, and gives its exit code.</summary>
        public async Task<int> StopAsync()
        {
            using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            await _process.WaitForExitAsync(Token);
            return _process.ExitCode;
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
                _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
        }

        private void Hear(string? line)
        {
            if (line is null)
                return;
            lock (_lines)
                _lines.Add(line);
            if (Serving().Match(line) is { Success: true } match)
                _url.TrySetResult(match.Groups[1].Value);
        }

        [GeneratedRegex("serving at (http://[^;]+);")]
        private static partial Regex Serving();
    }
}
