using Prometheus.Grid.Analysis.Changes;

namespace Prometheus.Grid.Analysis.Tests;

public sealed class ChangeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_move_of_all_is_nobodys_own()
    {
        // Unit vectors of two coordinates; all differ by (0.2, −0.2) but d, which stays.
        var before = Days.Of(("a", [0.6f, 0.8f]), ("b", [0.6f, 0.8f]), ("c", [0.6f, 0.8f]), ("d", [0.6f, 0.8f]), ("gone", [1, 0]));
        var now = Days.Of(("a", [0.8f, 0.6f]), ("appeared", [1, 0]), ("b", [8, 6]), ("c", [0.08f, 0.06f]), ("d", [3, 4]));
        var answer = UniverseChange.Between(before, now, 2, Token);
        Assert.Equal("d", answer.Changes[0].EntityId);
        Assert.Equal(["a", "b", "c"], answer.Changes.Skip(1).Select(change => change.EntityId).Order(StringComparer.Ordinal));
        Assert.Equal("appeared", Assert.Single(answer.Appeared));
        Assert.Equal("gone", Assert.Single(answer.Gone));
        // The mean is three quarters of (0.2, −0.2); what is left is a quarter for those that moved, and all of it for the other.
        double whole = Math.Sqrt(0.08);
        Assert.Equal(0.75 * whole, answer.UniverseMove, 1e-6);
        Assert.Equal(0.25 * whole, answer.TypicalMove, 1e-6);
        Assert.Equal([0.75 * whole, 0.25 * whole], answer.Changes.Take(2).Select(change => change.Move), (x, y) => Math.Abs(x - y) < 1e-6);
        Assert.Equal(3, answer.Changes[0].TimesTypical!.Value, 1e-5);
        Assert.Equal((1, 0.96), (Math.Round(answer.Changes[0].Cosine, 6), Math.Round(answer.Changes[1].Cosine, 6)));
    }

    [Fact]
    public void Neighbours_that_entered_left_and_stayed_are_named()
    {
        var before = Days.Of(("a", [1, 0]), ("b", [1, 0.1f]), ("c", [1, 0.2f]), ("d", [0, 1]), ("e", [-1, 0]));
        var now = Days.Of(("a", [1, 0]), ("b", [1, 0.1f]), ("c", [-1, 0.2f]), ("d", [1, 0.3f]), ("e", [-1, 0]));
        var change = UniverseChange.Between(before, now, 2, Token).Changes.Single(change => change.EntityId == "a");
        Assert.Equal("d", Assert.Single(change.Entered));
        Assert.Equal("c", Assert.Single(change.Left));
        Assert.Equal(1, change.Kept);
    }

    [Fact]
    public void Days_without_anybody_in_common_have_no_changes()
    {
        var answer = UniverseChange.Between(Days.Of(("a", [1, 0])), Days.Of(("b", [1, 0])), 3, Token);
        Assert.Empty(answer.Changes);
        Assert.Equal((0, 0), (answer.UniverseMove, answer.TypicalMove));
    }
}
