using System.Globalization;

namespace Prometheus.Grid.Tables;

/// <summary>Reads numbers and dates from UTF-8 text.</summary>
internal static class Utf8Number
{
    // Largest whole number below which every whole number is a double, and the powers of ten that are doubles.
    private const ulong LargestExactWhole = 1UL << 53;
    private const NumberStyles AllowedForms = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
    private static readonly double[] s_powersOfTen =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

    private static ReadOnlySpan<byte> DaysByMonth => [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

    /// <summary>
    /// Reads a double, to the same bits as <see cref="double.Parse(string)"/>. A number with few digits is the quotient of two exact
    /// doubles, which the processor rounds correctly (W. Clinger, "How to read floating point numbers accurately", 1990); anything else
    /// is left to the library, at about four times the cost.
    /// </summary>
    public static bool TryDouble(ReadOnlySpan<byte> text, out double value)
    {
        int at = text.Length > 0 && text[0] == (byte)'-' ? 1 : 0;
        int first = at, point = -1;
        ulong digits = 0;
        for (; at < text.Length; at++)
        {
            uint digit = (uint)text[at] - '0';
            if (digit <= 9)
                digits = digits * 10 + digit;
            else if (text[at] == (byte)'.' && point < 0)
                point = at;
            else
                break;
        }
        int count = at - first - (point < 0 ? 0 : 1);
        int decimals = point < 0 ? 0 : at - point - 1;
        // Nineteen digits cannot overflow 64 bits.
        if (at == text.Length && count is > 0 and <= 19 && digits <= LargestExactWhole)
        {
            value = digits / s_powersOfTen[decimals];
            if (first == 1)
                value = -value;
            return true;
        }
        // Not Utf8Parser: it rounds 2564336975063533824.0, and other numbers of more than 19 digits, to the neighbour of the nearest double.
        return double.TryParse(text, AllowedForms, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Reads a date written as <c>yyyy-MM-dd</c> as its <see cref="DateOnly.DayNumber"/>.</summary>
    public static bool TryDay(ReadOnlySpan<byte> text, out int day)
    {
        day = 0;
        if (text.Length != 10 || text[4] != (byte)'-' || text[7] != (byte)'-')
            return false;
        uint worst = 0;
        int year = Digit(text, 0, ref worst) * 1000 + Digit(text, 1, ref worst) * 100 + Digit(text, 2, ref worst) * 10 + Digit(text, 3, ref worst);
        int month = Digit(text, 5, ref worst) * 10 + Digit(text, 6, ref worst);
        int dayOfMonth = Digit(text, 8, ref worst) * 10 + Digit(text, 9, ref worst);
        if (worst > 9 || year < 1 || month is < 1 or > 12 || dayOfMonth < 1)
            return false;
        bool isLeap = (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
        if (dayOfMonth > DaysByMonth[month - 1] + (isLeap && month == 2 ? 1 : 0))
            return false;
        // Counts from March, so that the leap day comes last: days before month m are then (153 m + 2) / 5.
        int years = month > 2 ? year : year - 1, months = month > 2 ? month - 3 : month + 9;
        day = years * 365 + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + dayOfMonth - 307;
        return true;
    }

    private static int Digit(ReadOnlySpan<byte> text, int index, ref uint worst)
    {
        uint digit = (uint)text[index] - '0';
        worst = Math.Max(worst, digit);
        return (int)digit;
    }
}
