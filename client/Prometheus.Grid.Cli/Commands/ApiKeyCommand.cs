using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Security;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid api-key</c>: makes a key of a server. The key is printed once; the file gets its hash.</summary>
internal sealed class ApiKeyCommand : GridCommand
{
    private readonly Option<string> _name = new("--name") { Description = "Whom it is for", HelpName = "NAME", Required = true };
    private readonly Option<string> _role = new("--role") { Description = "What it may do: ask, or store and backfill as well", HelpName = "read|write", Required = true };
    private readonly Option<string> _file = new("--file") { Description = "The file of keys, which serve --api-key-file reads; made if there is none", HelpName = "FILE", Required = true };

    public ApiKeyCommand()
        : base("api-key", "Make a key for those who call a server", "grid api-key --name desk --role read --file keys.txt")
    {
        _role.AcceptOnlyFromAmong("read", "write");
        foreach (var option in (Option[])[_name, _role, _file])
            Options.Add(option);
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var role = context.Get(_role) == "write" ? GridRole.Write : GridRole.Read;
        string file = context.Get(_file)!;
        var (key, line) = ApiKeys.Create(context.Get(_name)!, role);
        await File.AppendAllTextAsync(file, line + "\n", cancellationToken);
        using var rows = context.Rows("name", "role", "key");
        rows.Write(context.Get(_name), context.Get(_role), key);
        context.Messages.Say($"the key is nowhere kept: {file} has its hash; a server that runs reads the file when it is started");
        return ExitCodes.Ok;
    }
}
