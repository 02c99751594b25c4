using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary>The usual help, and below it the examples of the command.</summary>
internal sealed class HelpWithExamples(HelpAction standard) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        standard.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        string[] examples = parseResult.CommandResult.Command switch
        {
            GridCommand command => command.Examples,
            RootCommand => ["grid demo", "grid find-similar-profiles --issuer-id ISS_AAPL --as-of 2023-11-30", "grid find-similar-profiles --help"],
            _ => [],
        };
        if (examples.Length > 0)
            output.WriteLine("Examples:");
        foreach (string example in examples)
            output.WriteLine($"  {example}");
        return ExitCodes.Ok;
    }
}
