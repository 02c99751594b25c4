using System.CommandLine;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary><c>--bad-rows</c> of backfills and of <c>import</c>.</summary>
internal static class BadRowsFlag
{
    public static Option<BadRowPolicy> New() => new("--bad-rows")
    {
        Description = "What is done with a row of a table that has a bad value: refuse the table (unless said), or skip the row, count it by reason and name the first ten",
        HelpName = "refuse|skip",
        CustomParser = result => result.Tokens[0].Value switch
        {
            "refuse" => BadRowPolicy.Refuse,
            "skip" => BadRowPolicy.Skip,
            var other => result.Refuse<BadRowPolicy>("--bad-rows", other, "refuse or skip"),
        },
    };
}
