using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Baskets;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Cli.Commands;

/// <summary>What the two searches share: a target, a date or a history, weights, and the answer as rows.</summary>
internal abstract class FindSimilarCommand : GridCommand
{
    private readonly Option<string?> _entityId;
    private readonly Option<DateOnly?> _asOf = Flags.Date("--as-of", "The date; with a range, the date on which the target is taken (the end of the range unless said)");
    private readonly Option<DateOnly?> _start = Flags.Date("--start", "Search all dates from this one on");
    private readonly Option<DateOnly?> _end = Flags.Date("--end", "Search all dates up to this one");
    private readonly Option<string> _modelId;
    private readonly Option<int?> _topK = Flags.Positive("--top-k", "How many neighbours", 10);
    private readonly Option<int?> _candidateLimit = Flags.Positive("--candidate-limit", "Look at the first N candidates only, as the seed did (all unless said)");
    private readonly Option<BranchWeights?> _weights = Flags.Parsed("--weights", "BRANCH=SHARE,…", "Weigh the branches anew, for example text=0.7,numeric=0.3", BranchWeights.Parse);
    private readonly Option<string?> _vector = Flags.Text("--vector", "Search neighbours of the first vector in this .npy file");
    private readonly ExclusionFlags _exclusions = new();
    private readonly Option<double?> _minCosine = Flags.Cosine("--min-cosine", "Only neighbours of this cosine or more");
    private readonly Option<BasketWay?> _basket = Flags.Parsed("--basket", "equal|similarity", "Weigh the neighbours as a basket that stands for the target", BasketWay.Parse);
    private readonly Option<bool> _explain = new("--explain") { Description = "Add the cosine of every branch and its share of the score" };
    private readonly Option<DateTimeOffset?> _asKnown = Flags.Time("--as-known", "Answer from what was known at this time (now unless said)");

    protected FindSimilarCommand(string name, string description, string entityFlag, string modelId, Option[] ownTargets, Option[] filters, params string[] examples)
        : base(name, description, examples)
    {
        _entityId = Flags.Text(entityFlag, "Search neighbours of this one");
        _modelId = Flags.Text("--model-id", "The joint model", modelId);
        Option[] targets = [_entityId, .. ownTargets, _vector];
        foreach (var option in (Option[])[.. targets, _asOf, _start, _end, _modelId, _topK, _candidateLimit, .. filters, .. _exclusions.All, _minCosine, _weights, _basket, _explain, _asKnown])
            Options.Add(option);
        Validators.Add(result => Check(result, targets));
    }

    /// <summary>Whose neighbours are searched.</summary>
    protected abstract EntityKind Entity { get; }

    /// <summary>Columns and cells of a neighbour, in the seed's order.</summary>
    protected abstract string[] Columns { get; }

    protected abstract object?[] Cells(SimilarityHit hit);

    protected virtual SimilarityFilter Filter(ParseResult parsed) => new();

    /// <summary>How many neighbours of a sector at most; null for any number.</summary>
    protected virtual int? MaxPerSector(ParseResult parsed) => null;

    /// <summary>A target other than an entity or a vector, or null.</summary>
    protected virtual SimilarityTarget? OwnTarget(ParseResult parsed, string? entityId) => null;

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var query = await QueryAsync(context, cancellationToken);
        var session = await context.OpenAsync(cancellationToken);
        _ = session.Grid.Catalog.Space(query.ModelId, Entity);
        var answer = await session.Grid.FindSimilarAsync(query, cancellationToken);
        var basket = await BasketAsync(context, session, query, answer, cancellationToken);
        string[] branches = query.Explain && answer.Hits.Count > 0 ? answer.Hits[0].Explanation.Select(b => b.Branch).ToArray() : [];
        // Only a branch whose coordinates have names, such as classes, can say which of them two entities share.
        HashSet<string> named = [.. answer.Hits.SelectMany(hit => hit.Explanation).Where(b => b.Shared.Count > 0).Select(b => b.Branch)];
        string[] columns =
        [
            .. Columns,
            .. query.Dates is null ? (string[])[] : ["as_of_date"],
            .. basket is null ? (string[])[] : ["weight"],
            .. branches.SelectMany(b => (string[])[$"{b}_cosine", $"{b}_share", .. named.Contains(b) ? (string[])[$"{b}_shared"] : []]),
        ];
        using (var rows = context.Rows(columns))
        {
            foreach (var (rank, hit) in answer.Hits.Index())
                rows.Write([.. Cells(hit), .. query.Dates is null ? (object?[])[] : [hit.AsOf], .. basket is null ? (object?[])[] : [basket.Weights[rank]], .. hit.Explanation.SelectMany(b =>
                    (object?[])[b.Cosine, b.Share, .. named.Contains(b.Branch) ? (object?[])[string.Join("; ", b.Shared)] : []])]);
        }
        if (answer.Hits.Count < query.TopK)
            context.Messages.Say($"{answer.Hits.Count} neighbours: there were {answer.Candidates} candidates{(query.MinCosine is null && query.MaxPerSector is null ? "" : ", and no other fits --min-cosine and --max-per-sector")}");
        if (!answer.IsPartial)
            return ExitCodes.Ok;
        context.Messages.Say($"partial: no answer from {string.Join(", ", answer.MissingShards)}");
        return ExitCodes.Partial;
    }

    /// <summary>The neighbours as a basket, where that is asked for; its correlation is said on stderr, being one number of the whole.</summary>
    private async Task<Basket?> BasketAsync(
        CommandContext context, GridSession session, SimilarityQuery query, SimilarityAnswer answer, CancellationToken cancellationToken)
    {
        if (context.Get(_basket) is not { } way)
            return null;
        var basket = await new BasketBuilder(session.Grid, session.Store.Inputs).OfAsync(query, answer, way.Weighting, cancellationToken);
        context.Messages.Say(basket.Correlation is { } correlation
            ? string.Create(CultureInfo.InvariantCulture, $"basket: correlation with the target {correlation:F6} in sample, over {basket.Days} trading days up to {DateRange.Text(query.AsOf)}")
            : $"basket: no correlation with the target, there are {basket.Days} trading days with returns of both");
        return basket;
    }

    private async Task<SimilarityQuery> QueryAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var parsed = context.Parsed;
        string? entityId = parsed.GetValue(_entityId);
        var target = OwnTarget(parsed, entityId)
            ?? (parsed.GetValue(_vector) is { } file
                ? new SimilarityTarget.Vector(await VectorFile.ReadFirstAsync(file, cancellationToken))
                : new SimilarityTarget.Entity(entityId!));
        var dates = parsed.GetValue(_start) is { } start ? new DateRange(start, parsed.GetValue(_end)!.Value) : (DateRange?)null;
        return new SimilarityQuery
        {
            Target = target,
            AsOf = parsed.GetValue(_asOf) ?? dates!.Value.End,
            Dates = dates,
            ModelId = parsed.GetValue(_modelId)!,
            TopK = parsed.GetValue(_topK)!.Value,
            CandidateLimit = parsed.GetValue(_candidateLimit),
            Weights = parsed.GetValue(_weights),
            Filter = await _exclusions.AddToAsync(Filter(parsed), parsed, cancellationToken),
            MinCosine = parsed.GetValue(_minCosine),
            MaxPerSector = MaxPerSector(parsed),
            Explain = parsed.GetValue(_explain),
            AsKnown = parsed.GetValue(_asKnown),
        };
    }

    private void Check(CommandResult result, Option[] targets)
    {
        var given = targets.Where(t => result.GetResult(t) is not null).ToArray();
        // A text may stand beside an issuer, whose other branches it then takes; a vector stands alone.
        if (given.Length == 0)
            result.AddError($"a target is missing; give {string.Join(" or ", targets.Select(t => t.Name))}");
        else if (given.Length > 1 && given.Contains(_vector))
            result.AddError($"{string.Join(" and ", given.Select(t => t.Name))} name several targets; give one");
        bool start = result.GetResult(_start) is not null, end = result.GetResult(_end) is not null;
        if (start != end)
            result.AddError($"{(start ? "--end" : "--start")} is missing; a history is --start DATE --end DATE");
        else if (!start && result.GetResult(_asOf) is null)
            result.AddError("--as-of is missing; give --as-of DATE, or --start DATE --end DATE for a history");
        else if (start && result.GetValue(_start) is { } first && result.GetValue(_end) is { } last && last < first)
            result.AddError(new BadInputException("--end", DateRange.Text(last), $"a date on or after --start {DateRange.Text(first)}").Message);
    }
}

/// <summary>A value of <c>--basket</c>.</summary>
internal sealed record BasketWay(BasketWeighting Weighting)
{
    public static BasketWay Parse(string text) => text switch
    {
        "equal" => new BasketWay(BasketWeighting.Equal),
        "similarity" => new BasketWay(BasketWeighting.Similarity),
        _ => throw new BadInputException("--basket", text, "equal or similarity"),
    };
}
