using System.CommandLine;
using System.CommandLine.Parsing;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary>
/// One date or a range: <c>--as-of D</c>, or <c>--start A --end B</c>, or for the commands of the seed that have it
/// <c>--date-range A B</c>. Exactly one of them.
/// </summary>
internal sealed class DateFlags
{
    private readonly Option<DateOnly?> _asOf = Flags.Date("--as-of", "The date");
    private readonly Option<DateOnly?> _start = Flags.Date("--start", "First date of a range");
    private readonly Option<DateOnly?> _end = Flags.Date("--end", "Last date of a range");
    private readonly Option<string[]>? _range;
    private readonly bool _isRequired;

    public DateFlags(Command command, bool withDateRange = false, bool isRequired = true)
    {
        _isRequired = isRequired;
        command.Options.Add(_asOf);
        command.Options.Add(_start);
        command.Options.Add(_end);
        if (withDateRange)
        {
            _range = new Option<string[]>("--date-range")
            {
                Description = "First and last date of a range",
                HelpName = "START END",
                Arity = new ArgumentArity(2, 2),
                AllowMultipleArgumentsPerToken = true,
            };
            command.Options.Add(_range);
        }
        command.Validators.Add(Check);
    }

    /// <summary>The dates; all there are, where a command that does not require them got none.</summary>
    public DateRange Of(ParseResult parsed)
    {
        if (_range is not null && parsed.GetValue(_range) is { Length: 2 } range)
            return new DateRange(DateRange.Parse("--date-range", range[0]), DateRange.Parse("--date-range", range[1]));
        return parsed.GetValue(_asOf) is { } date ? DateRange.On(date)
            : new DateRange(parsed.GetValue(_start) ?? DateOnly.MinValue, parsed.GetValue(_end) ?? DateOnly.MaxValue);
    }

    private void Check(CommandResult result)
    {
        bool Has(Option? option) => option is not null && result.GetResult(option) is not null;
        bool asOf = Has(_asOf), start = Has(_start), end = Has(_end), range = Has(_range);
        string ways = _range is null ? "--as-of DATE, or --start DATE --end DATE" : "--as-of DATE, or --start DATE --end DATE, or --date-range START END";
        if (start != end)
            result.AddError($"{(start ? "--end" : "--start")} is missing; a range is --start DATE --end DATE");
        else if ((asOf ? 1 : 0) + (start ? 1 : 0) + (range ? 1 : 0) is var given && given != 1 && (given > 1 || _isRequired))
            result.AddError(given == 0 ? $"a date is missing; give {ways}" : $"dates are given in two ways; give {ways}");
        else if (start)
            Reversed(result, result.GetValue(_start), result.GetValue(_end));
    }

    private static void Reversed(CommandResult result, DateOnly? start, DateOnly? end)
    {
        try
        {
            if (start is { } first && end is { } last)
                _ = new DateRange(first, last);
        }
        catch (BadInputException error)
        {
            result.AddError(Flags.Describe(error));
        }
    }
}
