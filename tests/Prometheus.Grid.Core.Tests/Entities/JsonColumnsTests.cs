using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Tests.Entities;

public sealed class JsonColumnsTests
{
    [Fact]
    public void Booleans_count_and_what_is_no_number_is_left_out() =>
        Assert.Equal(
            new Dictionary<string, double> { ["a"] = 1.5, ["b"] = 1, ["c"] = 0 },
            JsonColumns.Numbers("risk_metrics", """{"a":1.5,"b":true,"c":false,"d":"2","e":null,"f":{"g":1},"h":[1]}"""));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("{}")]
    public void An_empty_cell_has_no_numbers(string json) => Assert.Empty(JsonColumns.Numbers("risk_metrics", json));

    [Theory]
    [InlineData("[1]")]
    [InlineData("1")]
    [InlineData("{")]
    [InlineData("{\"a\":1e999}")]
    [InlineData("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}}}}}}}}")]
    public void Anything_else_names_the_field(string json) =>
        Assert.Contains("line 7 risk_metrics", Assert.Throws<BadInputException>(() => JsonColumns.Numbers("line 7 risk_metrics", json)).Field, StringComparison.Ordinal);

    [Fact]
    public void A_profile_takes_its_three_texts_trimmed_with_blank_lines_between()
    {
        var profile = JsonColumns.Profile(
            "structured", """{"business_description":" makes things ","risk_summary":"","recent_events_summary":"merged\n","x":1}""", "ISS_1", new DateOnly(2023, 11, 30));
        Assert.Equal("makes things\n\nmerged", profile.Document);
    }
}
