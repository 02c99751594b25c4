using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Backfill;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid backfill-joint-profiles</c>: numeric and text vectors of issuers, fused.</summary>
internal sealed class BackfillJointProfilesCommand : BackfillCommand
{
    private readonly DateFlags _dates;
    private readonly Option<string[]> _issuerIds = Flags.Repeatable("--issuer-id", "This issuer; may be repeated (all unless said)");
    private readonly Option<int?> _limit = Flags.Positive("--limit", "At most this many issuers a date", 10_000);
    private readonly Option<string?> _numeric = Flags.Text("--numeric-profile-model-id", "Model of the numeric branch (the space's own unless said)");
    private readonly Option<string?> _behaviour = Flags.Text("--behaviour-model-id", "Model of the behaviour branch; an empty string leaves the branch out");
    private readonly Option<string?> _text = Flags.Text("--text-model-id", "Model of the text branch");
    private readonly Option<string?> _classes = Flags.Text("--classes-model-id", "Model of the classes branch");
    private readonly Option<string> _modelId = Flags.Text("--joint-model-id", "The joint model", "joint-profile-core-v1");

    public BackfillJointProfilesCommand()
        : base("backfill-joint-profiles", "Fuse numeric and text vectors of issuers into joint vectors",
            "grid backfill-joint-profiles --as-of 2023-11-30 --text-model-id text-hash-v1",
            "grid backfill-joint-profiles --as-of 2023-11-30 --behaviour-model-id '' --text-model-id text-lsa-v1")
    {
        _dates = new DateFlags(this, withDateRange: true);
        foreach (var option in (Option[])[_issuerIds, _limit, _numeric, _behaviour, _text, _classes, _modelId])
            Options.Add(option);
    }

    protected override BackfillRequest Request(ParseResult parsed)
    {
        var models = new Dictionary<string, string>();
        foreach (var (branch, option) in (ReadOnlySpan<(string, Option<string?>)>)[("numeric", _numeric), ("behaviour", _behaviour), ("text", _text), ("classes", _classes)])
            if (parsed.GetValue(option) is { } model)
                models[branch] = model;
        return new JointProfileBackfill
        {
            ModelId = parsed.GetValue(_modelId)!,
            Dates = _dates.Of(parsed),
            Limit = parsed.GetValue(_limit),
            IssuerIds = parsed.GetValue(_issuerIds)!,
            BranchModelIds = models,
        };
    }
}
