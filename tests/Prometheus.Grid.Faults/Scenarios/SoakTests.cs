using System.Diagnostics;
using System.Globalization;
using Prometheus.Grid.Faults.Harness;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>
/// Long ordinary days: searches and writes through HTTP at a steady rate on three silos, of which two are restarted in turn. Every answer is compared. The third
/// silo is left alone, and tells whether memory and handles grow. GRID_FAULTS_MINUTES sets how long.
/// </summary>
[Trait(Scenario.Trait, "12")]
public sealed class SoakTests
{
    private const double Searches = 190, Writes = 10;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_length = FaultRun.Length(TimeSpan.FromSeconds(4), Minutes());
    private static readonly TimeSpan s_betweenRestarts = FaultRun.Length(TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(2));
    private static readonly TimeSpan s_betweenSamples = FaultRun.Length(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(10));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Nothing_goes_wrong_and_nothing_grows() => FaultRun.RunAsync(12, "", async run =>
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        await using var mesh = await SiloMesh.StartAsync(3, new Dictionary<string, string>(), throughProxies: false, Token);
        var exact = await ExactAnswers.PutAsync(mesh.Grids[0], Token);
        SearchWatch[] searches = [.. mesh.Grids.Select(grid => new SearchWatch(grid, exact))];
        await Task.WhenAll(searches.Select(watch => watch.RoundAsync(Token)));
        using var writes = new WriteWatch(mesh.Grids[0], 0);
        var latencies = new Latencies();
        List<Sample> samples = [Sample.Of(mesh.Silo(0)!, TimeSpan.Zero)];
        int left = mesh.Silo(0)!.ProcessId;

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        stop.CancelAfter(s_length);
        long began = Stopwatch.GetTimestamp();
        int put = -1, retried = 0;
        Task[] work =
        [
            Traffic.RunAsync(Searches, SearchAsync, stop.Token),
            Traffic.RunAsync(Writes, _ => writes.PutNextAsync(Interlocked.Increment(ref put), Token), stop.Token),
            RestartAsync(),
            SampleAsync(),
        ];
        await Task.WhenAll(work);
        await Task.WhenAll(searches.Select(watch => watch.RoundAsync(Token)));
        await writes.VerifyAsync(Token);
        run.Hold("full answers, each the exact one", searches.Sum(watch => watch.Full));
        run.Hold("searches made again at another silo", retried);
        run.Hold("acknowledged writes", writes.Acknowledged);
        run.Figure("length", string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalMinutes:0.0} min"));
        for (int quarter = 0; quarter < 4; quarter++)
            run.Figure($"p99 in quarter {quarter + 1}", string.Create(CultureInfo.InvariantCulture, $"{latencies.Quantile(0.99, quarter / 4.0, (quarter + 1) / 4.0):0} ms"));
        Grown(run, samples);

        async Task SearchAsync(int i)
        {
            long start = Stopwatch.GetTimestamp();
            // A balancer in front would do the same: what says retry goes to the next silo.
            for (int attempt = i; !await searches[attempt % searches.Length].TryAsync(i, allowPartial: false, Token); attempt++)
            {
                Interlocked.Increment(ref retried);
                await Task.Delay(s_pause, Token);
            }
            latencies.Add(Stopwatch.GetElapsedTime(start));
        }

        async Task RestartAsync()
        {
            for (int i = 0; await WaitAsync(s_betweenRestarts, stop.Token); i++)
            {
                run.Trial();
                var victim = mesh.Silo(1 + (i % 2))!;
                int before = mesh.Restarts;
                if (i % 4 < 2)
                    await victim.KillAsync();
                else
                    await victim.StopAsync(Token);
                run.Inject(i % 4 < 2 ? "silos killed and started again" : "silos stopped and started again");
                long lost = Stopwatch.GetTimestamp();
                await mesh.RestartedAsync(before + 1, Token);
                await Task.WhenAll(searches.Select(watch => watch.RoundAsync(Token)));
                run.Recover(Stopwatch.GetElapsedTime(lost));
            }
        }

        async Task SampleAsync()
        {
            while (await WaitAsync(s_betweenSamples, stop.Token))
            {
                Assert.Equal(left, mesh.Silo(0)?.ProcessId);
                samples.Add(Sample.Of(mesh.Silo(0)!, Stopwatch.GetElapsedTime(began)));
            }
        }
    });

    private static TimeSpan Minutes() => TimeSpan.FromMinutes(
        Environment.GetEnvironmentVariable("GRID_FAULTS_MINUTES") is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : 60);

    private static async Task<bool> WaitAsync(TimeSpan time, CancellationToken stop)
    {
        try
        {
            await Task.Delay(time, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Says how memory and handles went after the first third, in which caches fill, and at full length fails where they did not stay.</summary>
    private static void Grown(FaultRun run, List<Sample> samples)
    {
        Sample[] warm = [.. samples[(samples.Count / 3)..]];
        Sample[] early = warm[..(warm.Length / 2)], late = warm[(warm.Length / 2)..];
        (double earlyMiB, double lateMiB) = (early.Average(sample => sample.MiB), late.Average(sample => sample.MiB));
        (double earlyHandles, double lateHandles) = (early.Average(sample => sample.Handles), late.Average(sample => sample.Handles));
        run.Figure("memory of the silo that was left alone", string.Create(CultureInfo.InvariantCulture, $"{earlyMiB:0} MiB in the middle third, {lateMiB:0} MiB in the last, slope {Slope(warm):0.0} MiB an hour"));
        run.Figure("its handles", string.Create(CultureInfo.InvariantCulture, $"{earlyHandles:0} and {lateHandles:0}"));
        if (!FaultRun.IsLong)
            return;
        Assert.True(lateMiB < 1.2 * earlyMiB, $"memory grew from {earlyMiB:0} to {lateMiB:0} MiB");
        Assert.True(lateHandles < (1.25 * earlyHandles) + 50, $"handles grew from {earlyHandles:0} to {lateHandles:0}");
    }

    /// <summary>MiB an hour by least squares.</summary>
    private static double Slope(Sample[] samples)
    {
        double x = samples.Average(sample => sample.At.TotalHours), y = samples.Average(sample => sample.MiB);
        double xx = samples.Sum(sample => Math.Pow(sample.At.TotalHours - x, 2));
        return xx == 0 ? 0 : samples.Sum(sample => (sample.At.TotalHours - x) * (sample.MiB - y)) / xx;
    }

    private sealed record Sample(TimeSpan At, double MiB, int Handles)
    {
        public static Sample Of(SiloProcess silo, TimeSpan at) => new(at, silo.ResidentBytes() / 1048576.0, silo.Handles());
    }
}
