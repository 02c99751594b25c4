using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid backfill-profile-text-embeddings</c>: business texts of issuers.</summary>
internal sealed class BackfillTextCommand : BackfillCommand
{
    private const string TransformerName = "sentence-transformers/all-MiniLM-L6-v2";

    private readonly DateFlags _dates;
    private readonly Option<int?> _limit = Flags.Positive("--limit", "At most this many issuers a date", 10_000);
    private readonly Option<string> _modelId = Flags.Text("--model-id", "The text model", "text-profile-v1");
    private readonly Option<string> _transformer = Flags.Text("--hf-model-name", "The transformer behind text-profile-v1; others have a model id of their own", TransformerName);
    private readonly Option<string?> _device = Flags.Text("--device", "Where a transformer runs: cpu, cuda or cuda:N (GRID_TEXT_DEVICE, or cpu, unless said)");

    public BackfillTextCommand()
        : base("backfill-profile-text-embeddings", "Build text vectors of issuers from their profiles",
            "grid backfill-profile-text-embeddings --as-of 2023-11-30 --model-id text-hash-v1",
            "grid backfill-profile-text-embeddings --date-range 2022-06-30 2023-11-30 --model-id text-lsa-v1")
    {
        _dates = new DateFlags(this, withDateRange: true);
        foreach (var option in (Option[])[_limit, _modelId, _transformer, _device])
            Options.Add(option);
    }

    protected override BackfillRequest Request(ParseResult parsed)
    {
        if (parsed.GetValue(_transformer) is { } name && name != TransformerName)
            throw new BadInputException("--hf-model-name", name, $"{TransformerName}; another transformer is another model and needs a manifest with its own model id");
        return new TextBackfill { ModelId = parsed.GetValue(_modelId)!, Dates = _dates.Of(parsed), Limit = parsed.GetValue(_limit) };
    }

    protected override string? Device(ParseResult parsed) => parsed.GetValue(_device);
}
