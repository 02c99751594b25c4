using System.Collections.Concurrent;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Faults.Harness;

/// <summary>
/// Writers that each own a few portfolios and put rising numbers. What was acknowledged must be there in the end, or a number that was tried
/// after it; a smaller one would be an acknowledged write that was lost.
/// </summary>
internal sealed class WriteWatch(IEmbeddingGrid grid, int trial) : IDisposable
{
    private const int Writers = 4, Each = 8;
    private const string Numeric = "num-portfolio-core-v1", Joint = "joint-portfolio-core-v1";

    private readonly DateOnly _day = new DateOnly(2024, 1, 1).AddDays(trial);
    private readonly ConcurrentDictionary<string, int> _acknowledged = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _tried = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _busy = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _signal = new(0);
    private Task _running = Task.CompletedTask;
    private int _count;

    /// <summary>How many writes were acknowledged.</summary>
    public int Acknowledged => Volatile.Read(ref _count);

    private static IEnumerable<string> Portfolios(int writer) => Enumerable.Range(0, Each).Select(i => $"PF_W{writer}_{i}");

    /// <summary>Writes until told to stop.</summary>
    public Task RunAsync(CancellationToken stop) => _running = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
        async () =>
        {
            for (int number = 1; !stop.IsCancellationRequested; number++)
            {
                foreach (string portfolio in Portfolios(writer))
                    await PutAsync(portfolio, number, CancellationToken.None);
            }
        },
        CancellationToken.None)));

    /// <summary>Waits until so many writes are acknowledged.</summary>
    public async Task AcknowledgedAsync(int count, CancellationToken cancellationToken)
    {
        for (int i = 0; i < count; i++)
            await (await Task.WhenAny(_signal.WaitAsync(cancellationToken), _running)); // Writers that failed acknowledge no more.
    }

    /// <summary>One put to each of a second set of portfolios, which live in all silos; ends when all are acknowledged.</summary>
    public Task RoundAsync(CancellationToken cancellationToken) => Task.WhenAll(Portfolios(Writers).Select(async portfolio =>
    {
        while (!await PutAsync(portfolio, _tried.GetValueOrDefault(portfolio) + 1, cancellationToken))
        {
        }
    }));

    /// <summary>One put, to a portfolio of a third set; puts of one number apart may overtake each other, so each of the set has its own.</summary>
    public async Task PutNextAsync(int number, CancellationToken cancellationToken)
    {
        string portfolio = $"PF_N{number % 100:D2}";
        // Whoever is still under way with this portfolio has not answered for longer than a hundred puts take: its turn passes.
        if (_busy.TryAdd(portfolio, true))
        {
            await PutAsync(portfolio, number + 1, cancellationToken);
            _busy.TryRemove(portfolio, out _);
        }
    }

    /// <summary>Compares branch and joint of every portfolio with what was acknowledged.</summary>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        foreach ((string portfolio, int acknowledged) in _acknowledged)
        {
            var joint = await grid.GetJointAsync(new JointQuery(portfolio, _day, Joint), cancellationToken);
            var state = await grid.GetStateAsync(new StateQuery(new EntityKey(EntityKind.Portfolio, portfolio), _day), cancellationToken);
            Assert.InRange((int)joint.Vector.Span[0], acknowledged, _tried[portfolio]);
            Assert.InRange((int)state.Branches.Single(branch => branch.ModelId == Numeric).Vector.Span[0], acknowledged, _tried[portfolio]);
        }
    }

    public void Dispose() => _signal.Dispose();

    private async Task<bool> PutAsync(string portfolio, int number, CancellationToken cancellationToken)
    {
        float[] vector = new float[384];
        (vector[0], vector[1]) = (number, 1);
        _tried[portfolio] = number;
        try
        {
            await grid.PutBranchAsync(new BranchPut(new EntityKey(EntityKind.Portfolio, portfolio), Numeric, _day, vector), cancellationToken);
        }
        catch (GridFaultException fault) when (fault.CanRetry)
        {
            return false;
        }
        _acknowledged[portfolio] = number;
        Interlocked.Increment(ref _count);
        _signal.Release();
        return true;
    }
}
