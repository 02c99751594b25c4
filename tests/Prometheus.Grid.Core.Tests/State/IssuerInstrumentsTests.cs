using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.State;
using Prometheus.Grid.Core.Tests.Fakes;

namespace Prometheus.Grid.Core.Tests.State;

public sealed class IssuerInstrumentsTests
{
    private const int Days = 80;
    private readonly MemoryStore _store = FactorMarket.Create(3, Days);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_seed_takes_the_smallest_id_of_any_class()
    {
        Line("A.BOND", "BOND", volume: 0);
        Assert.Equal("A.BOND", await ChosenAsync(InstrumentRule.SmallestId, id => id == "S000" ? 2 : 0));
    }

    [Fact]
    public async Task An_equity_with_vectors_stands_before_bonds_and_old_lines()
    {
        Line("A.BOND", "BOND", volume: 1e12);
        Line("A.OLD", "EQUITY", volume: 1e12, status: "DELISTED");
        Assert.Equal("S000", await ChosenAsync(InstrumentRule.MostTradedEquity, id => id == "S000" ? 2 : 0));
    }

    [Theory]
    [InlineData("A.CLASSB")]
    [InlineData("Z.CLASSB")]
    public async Task Of_two_share_classes_the_one_that_trades_more_stands_for_the_issuer_however_they_are_spelt(string other)
    {
        Line(other, "EQUITY", volume: 10);
        Assert.Equal("S000", await ChosenAsync(InstrumentRule.MostTradedEquity, _ => 1));
        Line(other, "EQUITY", volume: 1e12);
        Assert.Equal(other, await ChosenAsync(InstrumentRule.MostTradedEquity, _ => 1));
    }

    [Fact]
    public async Task What_trades_after_the_date_decides_nothing()
    {
        Line("A.CLASSB", "EQUITY", volume: 10);
        double[] volume = _store.Prices["A.CLASSB"].Volume.ToArray();
        volume.AsSpan(Days - 5).Fill(1e15);
        _store.Prices["A.CLASSB"] = _store.Prices["A.CLASSB"] with { Volume = volume };
        Assert.Equal("S000", await ChosenAsync(InstrumentRule.MostTradedEquity, _ => 1, Days - 6));
    }

    [Fact]
    public void The_shipped_space_of_profiles_takes_the_most_traded_equity_and_the_seeds_the_smallest_id()
    {
        Assert.Equal(InstrumentRule.MostTradedEquity, Catalogs.Shipped.Space("joint-profile-core-v2").Instrument);
        Assert.Equal(InstrumentRule.SmallestId, Catalogs.Shipped.Space("joint-profile-core-v1").Instrument);
    }

    private void Line(string id, string assetClass, double volume, string status = "ACTIVE")
    {
        var series = _store.Prices["S000"];
        _store.Instruments.RemoveAll(i => i.InstrumentId == id);
        _store.Instruments.Add(new Instrument(id, "ISS_S000", "US_EQ", assetClass, id, "", "USD", status));
        _store.Prices[id] = series with { InstrumentId = id, Volume = Enumerable.Repeat(volume, Days).ToArray() };
    }

    private async Task<string> ChosenAsync(InstrumentRule rule, Func<string, int> vectors, int day = Days - 1)
    {
        var universe = await _store.ReadUniverseAsync(Token);
        var chosen = await new IssuerInstruments(_store).ChooseAsync(rule, universe, ["ISS_S000"], FactorMarket.Day(_store, day), vectors, Token);
        return Assert.Single(chosen).Value.InstrumentId;
    }
}
