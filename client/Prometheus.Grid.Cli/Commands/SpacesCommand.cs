using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid spaces</c>: the joint spaces and what they are made of.</summary>
internal sealed class SpacesCommand : Command
{
    public SpacesCommand()
        : base("spaces", "List the joint spaces, or show the branches of one")
    {
        Add(new List());
        Add(new Show());
    }

    private sealed class List() : GridCommand("list", "All spaces", "grid spaces list --format table")
    {
        protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
        {
            var catalog = await context.CatalogAsync(cancellationToken);
            using var rows = context.Rows("model_id", "joint_type", "entity", "fusion", "branches", "description");
            foreach (var space in catalog.Spaces)
                rows.Write(space.ModelId, space.JointType, Lower(space.Entity), Lower(space.Fusion), string.Join('+', space.Branches.Select(b => b.Name)), space.Description);
            return ExitCodes.Ok;
        }
    }

    private sealed class Show : GridCommand
    {
        private readonly Argument<string> _id = new("MODEL_ID") { Description = "The joint model" };

        public Show()
            : base("show", "The branches of a space", "grid spaces show joint-profile-core-v1") => Arguments.Add(_id);

        protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
        {
            var space = (await context.CatalogAsync(cancellationToken)).Space(context.Parsed.GetValue(_id)!);
            using var rows = context.Rows("branch", "kind", "model_id", "weight", "required", "dimensions");
            foreach (var branch in space.Branches)
                rows.Write(branch.Name, Lower(branch.Kind), branch.ModelId, branch.Weight, branch.Required ? "yes" : "no", branch.Dimensions);
            return ExitCodes.Ok;
        }
    }

    private static string Lower(Enum value) => value.ToString().ToLowerInvariant();
}
