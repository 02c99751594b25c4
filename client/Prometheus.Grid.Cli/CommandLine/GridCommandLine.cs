using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Prometheus.Grid.Cli.Commands;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Hosting;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary>The whole command line: builds the commands, runs the one that was typed, and turns what went wrong into a message and an exit code.</summary>
internal static class GridCommandLine
{
    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken = default)
    {
        var root = Build();
        // A leading @ is part of a text here, not the name of a file with more arguments.
        var parsed = root.Parse(Spelling.Normalise(arguments, root), new ParserConfiguration { ResponseFileTokenReplacer = null });
        // Not for --help and --version: they answer whatever else is wrong.
        if (parsed.Action is ParseErrorAction)
            return Refuse(parsed, root);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = s_grace }, cancellationToken);
        }
        catch (Exception error)
        {
            await Console.Error.WriteLineAsync(ExitCodes.IsExpected(error) ? $"grid: {ExitCodes.Describe(error)}" : FaultReport.Write("grid", error));
            return ExitCodes.For(error);
        }
    }

    // A server that is asked to end hands over what it holds, and a backfill finishes its chunk.
    private static readonly TimeSpan s_grace = TimeSpan.FromMinutes(1);

    internal static RootCommand Build()
    {
        var root = new RootCommand("Vectors for issuers and portfolios: build them from prices, texts and risk reports, and ask who looks like whom.")
        {
            new DemoCommand(),
            new BackfillNumericCommand(),
            new BackfillTextCommand(),
            new BackfillJointProfilesCommand(),
            new ShowJointProfilesCommand(),
            new FindSimilarProfilesCommand(),
            new BackfillPortfoliosCommand(),
            new BackfillJointPortfoliosCommand(),
            new ShowJointPortfoliosCommand(),
            new FindSimilarPortfoliosCommand(),
            new HistoryCommand(),
            new MapCommand(),
            new NeighboursCommand(),
            new GroupsCommand(),
            new ChangesCommand(),
            new AnaloguesCommand(),
            new EvaluateCommand(),
            new ModelsCommand(),
            new SpacesCommand(),
            new ExportCommand(),
            new ImportCommand(),
            new MigrateCommand(),
            new VerifyCommand(),
            new VacuumCommand(),
            new DoctorCommand(),
            new ServeCommand(),
            new SiloCommand(),
            new ApiKeyCommand(),
        };
        GlobalFlags.AddTo(root);
        foreach (var option in root.Options)
            if (option is HelpOption { Action: HelpAction standard })
                option.Action = new HelpWithExamples(standard);
        return root;
    }

    private static int Refuse(ParseResult parsed, RootCommand root)
    {
        var command = parsed.CommandResult.Command;
        string path = command == root ? "grid" : $"grid {string.Join(' ', Names(parsed.CommandResult))}";
        if (parsed.UnmatchedTokens.Count > 0 && parsed.GetResult(GlobalFlags.Postgres) is { Implicit: false })
        {
            // Not a word of it: without quotes, parts of a connection string look like arguments, and one of them is the password.
            Console.Error.WriteLine($"{path}: there is more on the command line than it takes; a connection string with blanks needs quotes round it");
        }
        else if (parsed.UnmatchedTokens is [var unknown, ..] && command.Subcommands.Count > 0 && !unknown.StartsWith('-'))
        {
            Console.Error.WriteLine($"{path}: there is no command '{unknown}'{Spelling.DidYouMean(unknown, command.Subcommands.Select(c => c.Name))}");
        }
        else if (parsed.UnmatchedTokens is [var flag, ..] && flag.StartsWith('-'))
        {
            var known = command.Options.Concat(root.Options).Select(o => o.Name);
            Console.Error.WriteLine($"{path}: there is no flag '{flag}'{Spelling.DidYouMean(flag, known)}");
        }
        else
        {
            foreach (string? message in parsed.Errors.Select(e => e.Message).Distinct())
                Console.Error.WriteLine($"{path}: {message}");
        }
        Console.Error.WriteLine($"try: {path} --help");
        return ExitCodes.Of(ErrorKind.BadInput);
    }

    private static Stack<string> Names(CommandResult result)
    {
        var names = new Stack<string>();
        for (var at = result; at.Parent is CommandResult parent; at = parent)
            names.Push(at.Command.Name);
        return names;
    }
}
