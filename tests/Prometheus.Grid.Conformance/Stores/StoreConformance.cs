using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Conformance.Stores;

/// <summary>What the suites of all three ports share. A store derives each suite and names its fixture; it then runs every test of the suite.</summary>
public abstract class StoreConformance : IAsyncLifetime
{
    private readonly List<IGridStore> _opened = [];
    private StoreFixture? _fixture;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The longest range there is.</summary>
    protected static DateRange AllDates { get; } = new(new DateOnly(1900, 1, 1), new DateOnly(2200, 1, 1));

    protected ManualTime Time { get; } = ManualTime.Start;

    protected StoreFixture Fixture => _fixture!;

    /// <summary>An empty place for one test; skips the test when there can be none on this machine.</summary>
    protected abstract Task<StoreFixture> CreateFixtureAsync();

    public async ValueTask InitializeAsync() => _fixture = await CreateFixtureAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _opened)
            await store.DisposeAsync();
        if (_fixture is not null)
            await _fixture.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens a store that lives as long as the test.</summary>
    protected async Task<IGridStore> OpenAsync()
    {
        var store = await Fixture.OpenAsync(Time);
        _opened.Add(store);
        return store;
    }

    protected static DateOnly Date(string text) => DateRange.Parse("test", text);
}
