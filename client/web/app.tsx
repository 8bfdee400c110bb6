import { MantineProvider, mergeThemeOverrides } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import type { i18n } from "i18next";
import { useEffect, useMemo, useState } from "react";
import { I18nextProvider, useTranslation } from "react-i18next";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useAccount } from "./account.ts";
import { createQueries } from "./queries.ts";
import { AccountScreen } from "./screens/account/account-screen.tsx";
import { EntryScreen } from "./screens/entry/entry-screen.tsx";
import { ForgotPasswordScreen } from "./screens/entry/forgot-password-screen.tsx";
import { entryAddress } from "./screens/entry/next-address.ts";
import { RegisterScreen } from "./screens/entry/register-screen.tsx";
import { ResetPasswordScreen } from "./screens/entry/reset-password-screen.tsx";
import { SignInScreen } from "./screens/entry/sign-in-screen.tsx";
import { VerifyEmailScreen } from "./screens/entry/verify-email-screen.tsx";
import { ErrorBoundary } from "./screens/failure/error-boundary.tsx";
import { FailureScreen, NotFoundScreen } from "./screens/failure/failure-screen.tsx";
import { LoadingScreen } from "./screens/failure/loading-screen.tsx";
import { InvitationScreen } from "./screens/invitation/invitation-screen.tsx";
import { RoomScreen } from "./screens/room/room-screen.tsx";
import { RoomsScreen } from "./screens/rooms/rooms-screen.tsx";
import { type Services, ServicesProvider } from "./services.ts";
import { cssVariables, theme } from "./theme.ts";

export function App({ services, text }: { services: Services; text: i18n }) {
  const [queries] = useState(createQueries);
  return (
    <I18nextProvider i18n={text}>
      <Themed>
        <ErrorBoundary>
          <QueryClientProvider client={queries}>
            <ServicesProvider value={services}>
              <Screens />
            </ServicesProvider>
          </QueryClientProvider>
        </ErrorBoundary>
      </Themed>
    </I18nextProvider>
  );
}

/** The theme, and what its controls say by themselves in the person's language. */
function Themed({ children }: { children: React.ReactNode }) {
  const { t } = useTranslation();
  const label = t("entry.showPassword");
  const worded = useMemo(() => {
    const visibilityToggleButtonProps = { "aria-label": label };
    const defaultProps = { visibilityToggleFocusable: true, visibilityToggleButtonProps };
    return mergeThemeOverrides(theme, { components: { PasswordInput: { defaultProps } } });
  }, [label]);
  return (
    <MantineProvider theme={worded} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      {children}
    </MantineProvider>
  );
}

function Screens() {
  const { i18n } = useTranslation();
  const { account, error, retry } = useAccount();
  const [address] = useLocation();
  // Another page begins at its top.
  useEffect(toTop, [address]);
  useEffect(() => {
    document.documentElement.lang = i18n.language;
  }, [i18n.language]);

  if (error !== null) return <FailureScreen error={error} retry={retry} />;
  if (account === undefined) return <LoadingScreen />;
  return (
    <Switch>
      <Route path="/">
        <EntryScreen account={account} />
      </Route>
      <Route path="/sign-in">
        <SignInScreen account={account} />
      </Route>
      <Route path="/register">
        <RegisterScreen account={account} />
      </Route>
      <Route path="/forgot-password">
        <ForgotPasswordScreen />
      </Route>
      <Route path="/reset-password">
        <ResetPasswordScreen />
      </Route>
      <Route path="/verify-email">
        <VerifyEmailScreen />
      </Route>
      <Route path="/account">
        {account ? <AccountScreen account={account} /> : <Redirect to={entryAddress("/account")} />}
      </Route>
      <Route path="/rooms">
        {account ? <RoomsScreen account={account} /> : <Redirect to={entryAddress("/rooms")} />}
      </Route>
      <Route path="/invite/:code">
        {({ code }) => <InvitationScreen key={code} code={code} account={account} />}
      </Route>
      <Route path="/rooms/:roomId">
        {({ roomId }) =>
          account ? (
            <RoomScreen key={roomId} roomId={roomId} account={account} />
          ) : (
            <Redirect to={entryAddress(`/rooms/${roomId}`)} replace />
          )
        }
      </Route>
      <Route>
        <NotFoundScreen />
      </Route>
    </Switch>
  );
}

function toTop(): void {
  window.scrollTo(0, 0);
}
